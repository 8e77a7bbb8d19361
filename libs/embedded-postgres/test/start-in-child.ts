import { afterEach } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface PostgresInChild {
  url: string;
  /** Postgres's, not the child's. */
  pid: number;
  adopted: boolean;
  /** Has the child stop Postgres, and resolves when the child has ended. */
  stop: () => Promise<void>;
  /** Sends the child, or its whole process group as a terminal would, a signal. */
  signal: (signal: NodeJS.Signals, to?: 'group') => void;
  /** Resolves when the child has ended. */
  ended: Promise<unknown>;
}

const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Forks a process; `started` resolves when it has Postgres. */
export function startInChild(
  dataDir: string,
  options: { manner?: 'brief'; path?: string } = {},
): { started: Promise<PostgresInChild>; kill: () => void } {
  const child = fork(
    path.join(import.meta.dirname, 'child.ts'),
    [dataDir, ...(options.manner ? [options.manner] : [])],
    {
      execArgv: ['--conditions=@countersign/source', '--import', '@oxc-node/core/register'],
      cwd: import.meta.dirname,
      env: { ...process.env, PATH: options.path ?? process.env['PATH'] },
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  const started = (async (): Promise<PostgresInChild> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error(`the child ended: ${errors}`))),
    ])) as [Pick<PostgresInChild, 'url' | 'pid' | 'adopted'>];
    const stop = async (): Promise<void> => {
      child.send('stop');
      await ended;
    };
    const signal: PostgresInChild['signal'] = (name, to) => {
      process.kill((to === 'group' ? -1 : 1) * (child.pid as number), name);
    };
    return { ...message, stop, signal, ended };
  })();
  started.catch(() => undefined);
  return { started, kill: () => child.kill('SIGKILL') };
}
