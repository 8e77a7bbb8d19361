import { createHash } from 'node:crypto';
import { chownSync, lstatSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Account } from './choose-account.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** A socket's path may have 103 bytes on macOS, 107 on Linux, its file name included. */
const LONGEST_SOCKET_PATH_BYTES = 103;
export const PORT = 5432;

/**
 * Makes the folder of the Unix socket, which whoever can enter it can use as superuser: mode 0700,
 * of the account that Postgres runs as. In the temporary folder, for its path must be short.
 *
 * @throws {EmbeddedPostgresError} `no_permission` if what is there is not such a folder
 */
export function makeSocketFolder(cluster: string, account: Account): string {
  const name = createHash('sha256').update(`${account.uid}:${cluster}`).digest('hex').slice(0, 16);
  const folder = path.join(shortEnough(realpathSync(tmpdir()), name), `countersign-${name}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(folder);
  const isRoots = process.geteuid?.() === 0 && found.uid === 0;
  if (!found.isDirectory() || (found.uid !== account.uid && !isRoots) || found.mode & 0o077) {
    throw new EmbeddedPostgresError(
      'no_permission',
      `Embedded Postgres: ${folder}, the folder for its socket, is not a private folder of user id ` +
        `${account.uid}. Somebody else made it: remove it, or set TMPDIR to a folder of your own.`,
    );
  }
  if (found.uid !== account.uid) chownSync(folder, account.uid, account.gid);
  return folder;
}

/** Removes the folder of a Postgres that ended. Not if it was killed and left its socket in there. */
export function removeSocketFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The next start on the same data makes use of it, and clears it.
  }
}

function shortEnough(temporary: string, name: string): string {
  const longest = path.join(temporary, `countersign-${name}`, `.s.PGSQL.${PORT}`);
  return Buffer.byteLength(longest) <= LONGEST_SOCKET_PATH_BYTES ? temporary : '/tmp';
}
