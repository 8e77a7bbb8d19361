import { join } from 'node:path';
import type { Core } from '../machine/cores.js';
import { benchProgram } from '../paths.js';
import { RunningProgram } from './child-process.js';

/** A process of the bench that does what it is told, one command at a time. */
export class Commanded<Command, Result> {
  readonly program: RunningProgram;

  constructor(name: string, core: Core, folder: string) {
    this.program = new RunningProgram({
      script: benchProgram(name),
      core,
      logFile: join(folder, `${name}.log`),
      ipc: true,
    });
  }

  /** @throws {Error} with its log, when it ends instead of answering */
  ask(command: Command): Promise<Result> {
    const { child, hasEnded } = this.program;
    if (hasEnded) return Promise.reject(this.program.explain('a process has ended'));
    return new Promise((resolve, reject) => {
      child.once('message', (result) => resolve(result as Result));
      void this.program.ended.then(() => reject(this.program.explain('a process ended early')));
      child.send(command as object);
    });
  }
}
