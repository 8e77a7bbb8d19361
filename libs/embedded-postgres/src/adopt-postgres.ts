import { existsSync } from 'node:fs';
import type { DataFolder } from './data-folder.js';
import type { Deadline } from './deadline.js';
import { joinHold } from './hold.js';
import { findPostmaster, type Postmaster } from './postmaster-file.js';
import type { RunningPostgres } from './running-postgres.js';

/**
 * Joins the Postgres that already runs on this data, waiting out one that is starting or stopping.
 *
 * @returns `undefined` if none runs
 * @throws {EmbeddedPostgresError} `start_timed_out`
 */
export async function adoptPostgres(
  folder: DataFolder,
  deadline: Deadline,
): Promise<RunningPostgres | undefined> {
  for (;;) {
    const found = await findSettled(folder, deadline);
    if (found === undefined) return undefined;
    if (!existsSync(folder.hold)) return { ...found, hold: undefined, supervisor: undefined };
    const isReady = (): boolean => isSameAndReady(found, findPostmaster(folder.cluster));
    const hold = await joinHold(folder.hold, found.socketFolder, isReady);
    if (hold) return { ...found, hold, supervisor: undefined };
  }
}

async function findSettled(
  folder: DataFolder,
  deadline: Deadline,
): Promise<Postmaster | undefined> {
  let found: Postmaster | undefined;
  await deadline.until(() => {
    found = findPostmaster(folder.cluster);
    return found === undefined || found.status === 'ready';
  }, `for the Postgres that already runs on ${folder.cluster} to become ready or to end`);
  return found;
}

function isSameAndReady(found: Postmaster, now: Postmaster | undefined): boolean {
  return now?.pid === found.pid && now.status === 'ready';
}
