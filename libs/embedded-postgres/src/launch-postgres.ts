import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './choose-account.js';
import type { DataFolder } from './data-folder.js';
import type { Deadline } from './deadline.js';
import type { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { explainDeath } from './explain-death.js';
import { createHold } from './hold.js';
import { openNewLog, tailOfLog } from './log-file.js';
import { disownPostmasterFile, findPostmaster } from './postmaster-file.js';
import { runSupervised } from './run-supervised.js';
import type { RunningPostgres } from './running-postgres.js';
import { removeSocketFolder } from './socket-folder.js';
import { stopPostgres } from './stop-postgres.js';

export interface Launch {
  postgres: string;
  libraryPath: string;
  settings: string[];
  folder: DataFolder;
  account: Account;
  socketFolder: string;
  deadline: Deadline;
}

/**
 * Starts Postgres under the supervisor, and waits until it accepts connections. One that does not
 * get there is stopped again.
 *
 * @throws {EmbeddedPostgresError} `died_at_start`, `start_timed_out`
 */
export async function launchPostgres(launch: Launch): Promise<RunningPostgres> {
  for (;;) {
    const outcome = await tryLaunch(launch);
    if ('pid' in outcome) return outcome;
    // Where only the main process of Postgres was killed, the others take a moment to notice.
    const isMomentary = outcome.message.includes('pre-existing shared memory block');
    if (!isMomentary || launch.deadline.hasPassed) {
      removeSocketFolder(launch.socketFolder);
      throw outcome;
    }
    await sleep(100);
  }
}

async function tryLaunch(launch: Launch): Promise<RunningPostgres | EmbeddedPostgresError> {
  const { folder, account, deadline } = launch;
  disownPostmasterFile(folder.cluster);
  const log = openNewLog(folder.log);
  const { hold, reader } = await createHold(folder.hold);
  const supervisor = runSupervised({
    command: [launch.postgres, '-D', folder.cluster, ...launch.settings],
    account,
    libraryPath: launch.libraryPath,
    answersFolder: launch.socketFolder,
    stdin: reader,
    output: log,
  });
  closeSync(reader);
  closeSync(log);
  supervisor.unref();
  let ended = false;
  supervisor.once('exit', () => (ended = true));
  supervisor.once('error', () => (ended = true));
  const starting = { hold, supervisor, pid: 0, socketFolder: launch.socketFolder };
  try {
    await deadline.until(
      () => ended || findPostmaster(folder.cluster)?.status === 'ready',
      `for Postgres to accept connections; see ${folder.log}`,
    );
  } catch (error) {
    await stopPostgres(folder, { ...starting, ...findPostmaster(folder.cluster) });
    throw error;
  }
  const postmaster = findPostmaster(folder.cluster);
  if (postmaster && !ended) return { ...starting, ...postmaster };
  hold.release();
  return explainDeath(
    `Postgres ended while starting (its log is ${folder.log})`,
    tailOfLog(folder.log),
  );
}
