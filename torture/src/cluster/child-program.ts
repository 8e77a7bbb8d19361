import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { NODE_FLAGS, ROOT_FOLDER } from '../paths.js';

const STOP_TIMEOUT_MS = 15_000;
const LOG_TAIL_CHARS = 3_000;

export interface Program {
  readonly script: string;
  /** Modules that are loaded before it. */
  readonly preloaded: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Whether messages can be exchanged with it. */
  readonly ipc: boolean;
}

// Should the test bed end without stopping them: nothing stays behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Node program that runs beside the test bed. */
export class ChildProgram {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;

  constructor(private readonly program: Program) {
    const { script, preloaded, env, logFile, ipc } = program;
    const imports = preloaded.flatMap((module) => ['--import', module]);
    const log = openSync(logFile, 'a');
    this.child = spawn(process.execPath, [...NODE_FLAGS, ...imports, script], {
      cwd: ROOT_FOLDER,
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...env },
      stdio: ['ignore', log, log, ...(ipc ? (['ipc'] as const) : [])],
    });
    closeSync(log);
    running.add(this.child);
    this.ended = new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.once('error', () => resolve());
    });
    void this.ended.then(() => running.delete(this.child));
  }

  get hasEnded(): boolean {
    return !running.has(this.child);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end, and makes it, if it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.child.kill('SIGCONT');
    this.child.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
  }

  /** For an error: what happened, and the last that it said. */
  explain(what: string): Error {
    const log = readFileSync(this.program.logFile, 'utf8').slice(-LOG_TAIL_CHARS);
    const { exitCode, signalCode } = this.child;
    const end = this.hasEnded ? ` (exit code ${exitCode}, signal ${signalCode})` : '';
    return new Error(`${what}${end}; it said last:\n${log.trim() || '(nothing)'}`);
  }
}
