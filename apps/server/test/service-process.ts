import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { jest } from '@jest/globals';
import { eventually } from './eventually.js';
import { HttpClient } from './http-client.js';

// A process from sources takes seconds to start, and on a busy machine many.
jest.setTimeout(90_000);

const SERVER = path.resolve(import.meta.dirname, '..');

/** The service in a process of its own, run from its sources. */
export interface ServiceProcess {
  readonly pid: number;
  /** All that it has written so far: its log, and what it says to a person. */
  output(): string;
  /** Resolves once it listens; rejects, with its output, when it ends before. */
  readonly listening: Promise<{ readonly url: string; readonly http: HttpClient }>;
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and until it has ended. */
  stop(): Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Ends whatever a failed test left. */
export function killServiceProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function startServiceProcess(env: Readonly<Record<string, string>>): ServiceProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@countersign/source', '--import', '@oxc-node/core/register', 'src/main.ts'],
    {
      cwd: SERVER,
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  const output = () => lines.join('\n');
  const listening = eventually(
    'the service listens',
    () => {
      const url = urlIn(lines);
      if (url === undefined && hasExited) throw new Error(`it did not start:\n${output()}`);
      return url;
    },
    60_000,
  ).then((url) => ({ url, http: new HttpClient(url) }));
  listening.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    output,
    listening,
    exited,
    signal: (signal) => child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** As the log says it. */
function urlIn(lines: readonly string[]): string | undefined {
  const line = lines.find((text) => text.includes('"msg":"listening"'));
  return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url;
}
