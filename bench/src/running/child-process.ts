import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type Core, pinned } from '../machine/cores.js';

const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_CHARS = 2_000;

export interface Program {
  readonly script: string;
  readonly args?: readonly string[];
  /** For Node itself. */
  readonly nodeFlags?: readonly string[];
  /** The whole environment besides PATH and NODE_ENV: nothing of the caller's leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly core: Core;
  /** Where its output goes. */
  readonly logFile: string;
  /** Whether messages can be exchanged with it. */
  readonly ipc?: boolean;
}

// Should the bench end without stopping them: nothing stays behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Node program that runs beside the bench, on a core of its own. */
export class RunningProgram {
  readonly child: ChildProcess;
  readonly #logFile: string;
  readonly #ended: Promise<number | null>;
  #isStopped = false;

  constructor({
    script,
    args = [],
    nodeFlags = [],
    env = {},
    core,
    logFile,
    ipc = false,
  }: Program) {
    const [command, commandArgs] = pinned(core, process.execPath, [...nodeFlags, script, ...args]);
    const log = openSync(logFile, 'a');
    this.#logFile = logFile;
    this.child = spawn(command, commandArgs, {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
      stdio: ['ignore', log, log, ...(ipc ? (['ipc'] as const) : [])],
    });
    closeSync(log);
    running.add(this.child);
    this.#ended = new Promise((resolve) => {
      this.child.once('exit', (code) => resolve(code));
      this.child.once('error', () => resolve(null));
    });
    void this.#ended.then(() => running.delete(this.child));
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('the process could not be started');
    return pid;
  }

  get hasEnded(): boolean {
    return !running.has(this.child);
  }

  /** Whether it has ended though nobody told it to. */
  get hasDied(): boolean {
    return this.hasEnded && !this.#isStopped;
  }

  /** The exit code, once it has ended; null: by a signal. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Asks it to end, and makes it, if it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.#isStopped = true;
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(timer);
  }

  /** For an error: what happened, and the last that it said. */
  explain(what: string): Error {
    const log = readFileSync(this.#logFile, 'utf8').slice(-LOG_TAIL_CHARS);
    const { exitCode, signalCode } = this.child;
    const end = this.hasEnded ? ` (exit code ${exitCode}, signal ${signalCode})` : '';
    return new Error(`${what}${end}; it said last:\n${log.trim() || '(nothing)'}`);
  }
}
