import {
  lchownSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** What a running Postgres writes about itself into its data folder, as `postmaster.pid`. */
export interface Postmaster {
  pid: number;
  port: number;
  socketFolder: string;
  /** Absent until Postgres has got far enough to have one. */
  status: string | undefined;
}

/** Larger than any process id, and valid in the file. */
const NO_PID = 2_147_483_646;

/** The Postgres that runs on this data, if one does; the file outlives one that was killed. */
export function findPostmaster(cluster: string): Postmaster | undefined {
  const lines = readLines(cluster);
  const postmaster = {
    pid: Number(lines[0]),
    port: Number(lines[3]),
    socketFolder: lines[4] ?? '',
    status: lines[7],
  };
  return isPostmaster(postmaster.pid, cluster) ? postmaster : undefined;
}

/** Whether the process is the Postgres of this data, rather than a later one with the same id. */
export function isPostmaster(pid: number, cluster: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    if (process.platform === 'linux') {
      // Its working directory is its data. The folder may meanwhile have been removed.
      return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '') === cluster;
    }
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes(cluster);
  } catch {
    return false;
  }
}

/**
 * Makes the file of a Postgres that was killed say so. Postgres believes a process id that is in
 * use, and in a restarted container a low one nearly always is, by something else. The file must
 * stay: from it Postgres knows which shared memory a remaining process of the killed one would use.
 */
export function disownPostmasterFile(cluster: string): void {
  const lines = readLines(cluster);
  if (lines.length === 0) return;
  const file = path.join(cluster, 'postmaster.pid');
  const { uid, gid } = lstatSync(file);
  const replacement = `${file}.stale`;
  const text = [NO_PID, ...lines.slice(1, 7)].join('\n');
  rmSync(replacement, { force: true });
  writeFileSync(replacement, `${text}\n`, { mode: 0o600, flag: 'wx' });
  if (process.geteuid?.() === 0) lchownSync(replacement, uid, gid);
  renameSync(replacement, file);
}

function readLines(cluster: string): string[] {
  try {
    const text = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
