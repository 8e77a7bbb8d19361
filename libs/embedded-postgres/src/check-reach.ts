import { spawnSync } from 'node:child_process';
import type { Account } from './choose-account.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/**
 * Makes sure that the account Postgres runs as gets to its files, where that is another account
 * than this process's: a folder above may be closed to it.
 *
 * @throws {EmbeddedPostgresError} `no_permission`
 */
export function checkReach(paths: string[], account: Account): void {
  if (account.kind !== 'other') return;
  const { uid, gid } = account;
  for (const path of paths) {
    const test = ['-c', 'test -x "$1"', 'sh', path];
    if (spawnSync('/bin/sh', test, { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0) continue;
    throw new EmbeddedPostgresError(
      'no_permission',
      `Embedded Postgres: it refuses to run as root and runs as user id ${uid} instead, who cannot ` +
        `reach ${path}. Let that account pass through the folders above it (chmod o+x), run the ` +
        'service as an ordinary user, or set DATABASE_URL to a Postgres server of your own.',
    );
  }
}
