import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A CPU by its number; null where processes cannot be pinned. */
export type Core = number | null;

/** Which core each part of a measurement runs on. */
export interface Cores {
  /** What is measured: the service, or the reference beside which it is put. */
  readonly server: Core;
  /** The bench itself, which makes the load. */
  readonly load: Core;
  /** Postgres; the same as the load's where there are two cores only. */
  readonly database: Core;
  /** What a reader of the figures has to know about it. */
  readonly description: string;
}

/** Puts the server on a core of its own, where there are two and something to pin with. */
export function chooseCores(): Cores {
  const allowed = allowedCores();
  const [load, second] = allowed;
  const server = allowed.at(-1);
  if (load === undefined || server === undefined || second === undefined) {
    return unpinned('there is one core only: server, load and Postgres share it');
  }
  if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0) {
    return unpinned(
      'not pinned, since there is no taskset: server, load and Postgres may share cores',
    );
  }
  const database = second === server ? load : second;
  const shared = database === load ? ' (shared: there are two cores)' : '';
  return {
    server,
    load,
    database,
    description: `server on core ${server}, load on core ${load}, Postgres on core ${database}${shared}`,
  };
}

/** The command that runs `command` on `core`; its process id is the one that is spawned. */
export function pinned(core: Core, command: string, args: readonly string[]): [string, string[]] {
  if (core === null) return [command, [...args]];
  return ['taskset', ['--cpu-list', String(core), command, ...args]];
}

/** Moves a running process, all of its threads, to `core`; what it starts from then on follows. */
export function pin(pid: number, core: Core): void {
  if (core === null) return;
  const args = ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)];
  const { status, stderr } = spawnSync('taskset', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`taskset ${args.join(' ')} failed: ${stderr.trim()}`);
}

function unpinned(description: string): Cores {
  return { server: null, load: null, database: null, description };
}

/** The cores that this process may use: fewer than the machine's, in a container. */
function allowedCores(): number[] {
  const status = readStatus();
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined || Number.isNaN(first)) return [];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
