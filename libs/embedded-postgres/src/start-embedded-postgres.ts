import { acquireLock } from './lock.js';
import { adoptPostgres } from './adopt-postgres.js';
import { checkReach } from './check-reach.js';
import { checkVersion } from './check-version.js';
import { chooseAccount } from './choose-account.js';
import { admit, type DataFolder, openDataFolder, ownerOf } from './data-folder.js';
import { Deadline } from './deadline.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { ensureDatabase } from './ensure-database.js';
import { findBinaries, type PostgresBinaries } from './find-binaries.js';
import { initialiseCluster } from './initialise-cluster.js';
import { launchPostgres } from './launch-postgres.js';
import { linkLibraries } from './link-libraries.js';
import { postgresSettings } from './postgres-settings.js';
import type { RunningPostgres } from './running-postgres.js';
import { makeSocketFolder } from './socket-folder.js';
import { stopPostgres } from './stop-postgres.js';

const DEFAULT_DATABASE = 'countersign';
const DEFAULT_MAX_CONNECTIONS = 50;
const DEFAULT_START_TIMEOUT_SECONDS = 60;
/** Longer than anybody else's stop takes. */
const STOP_LOCK_TIMEOUT_SECONDS = 45;

export interface EmbeddedPostgresOptions {
  /** Folder for the data and what belongs to it, made if need be; e.g. `.countersign/postgres`. */
  dataDir: string;
  /** Default true. False trades surviving a power cut for speed, in tests. */
  durable?: boolean;
  /** Default 50. */
  maxConnections?: number;
  /** Default 60. Creating the data at the first start counts, too. */
  startTimeoutSeconds?: number;
  /** Told what happens to Postgres, a sentence at a time. Its own log is a file in `dataDir`. */
  log?: (line: string) => void;
}

/** A claim on a running Postgres. It runs for as long as any process has one. */
export interface EmbeddedPostgres {
  /** Connection URL over the Unix socket, as superuser. Default database: `countersign`, which exists. */
  url: (database?: string) => string;
  /** Of Postgres's main process. */
  pid: number;
  /** True if it already ran, with the options of whoever started it. */
  adopted: boolean;
  /**
   * Gives the claim up. Resolves at once if other processes have one; else Postgres is stopped, and
   * no process of it is left when this resolves. Close connections first: a fast shutdown breaks them.
   */
  stop(): Promise<void>;
}

/**
 * Runs Postgres on a data directory, or joins the one that already runs on it, and waits until it
 * accepts connections.
 *
 * Processes that start it on the same directory share one, whoever was first. It ends when the last
 * of them has stopped it or died, `kill -9` included. It does not keep this process's event loop
 * alive, and signals from the terminal do not reach it.
 *
 * @throws {EmbeddedPostgresError} whose message tells what to do
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const deadline = new Deadline(options.startTimeoutSeconds ?? DEFAULT_START_TIMEOUT_SECONDS);
  try {
    const binaries = await findBinaries();
    const folder = openDataFolder(options.dataDir);
    const unlock = await acquireLock(folder.path, deadline);
    try {
      const adopted = await adoptPostgres(folder, deadline);
      const running = adopted ?? (await startNew(binaries, folder, options, deadline));
      return await claim(folder, running, deadline, options.log ?? (() => undefined));
    } finally {
      unlock();
    }
  } catch (error) {
    throw explainPermission(error);
  }
}

async function startNew(
  binaries: PostgresBinaries,
  folder: DataFolder,
  options: EmbeddedPostgresOptions,
  deadline: Deadline,
): Promise<RunningPostgres> {
  const { durable = true, maxConnections = DEFAULT_MAX_CONNECTIONS } = options;
  const account = chooseAccount(ownerOf(folder));
  admit(folder, account);
  const libraryPath = linkLibraries(folder.libraries, binaries, account);
  checkReach([binaries.postgres, folder.libraries], account);
  const common = { libraryPath, folder, account, deadline };
  await checkVersion({ ...common, binaries });
  await initialiseCluster({ ...common, binaries, durable });
  const socketFolder = makeSocketFolder(folder.cluster, account);
  const settings = postgresSettings({ socketFolder, maxConnections, durable });
  return launchPostgres({ ...common, postgres: binaries.postgres, settings, socketFolder });
}

async function claim(
  folder: DataFolder,
  running: RunningPostgres,
  deadline: Deadline,
  log: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const { pid, port, socketFolder, supervisor } = running;
  const url = (database = DEFAULT_DATABASE): string =>
    `postgres://postgres@localhost:${port}/${encodeURIComponent(database)}` +
    `?host=${encodeURIComponent(socketFolder)}`;
  try {
    await ensureDatabase(url('postgres'), DEFAULT_DATABASE, deadline.remainingMs);
  } catch (error) {
    await stopPostgres(folder, running);
    throw error;
  }
  const adopted = supervisor === undefined;
  log(
    `Embedded Postgres ${adopted ? 'joined' : 'started'}: process ${pid}, data in ${folder.path}`,
  );
  let stopping: Promise<void> | undefined;
  supervisor?.once('exit', () => {
    if (!stopping) log(`Embedded Postgres ended unexpectedly; see ${folder.log}`);
  });
  const stop = (): Promise<void> => (stopping ??= stopUnderLock(folder, running));
  return { url, pid, adopted, stop };
}

async function stopUnderLock(folder: DataFolder, running: RunningPostgres): Promise<void> {
  // Without the lock, too: the folder may have been removed, and Postgres must not stay behind.
  const unlock = await acquireLock(folder.path, new Deadline(STOP_LOCK_TIMEOUT_SECONDS)).catch(
    () => undefined,
  );
  try {
    await stopPostgres(folder, running);
  } finally {
    unlock?.();
  }
}

function explainPermission(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return error;
  return new EmbeddedPostgresError(
    'no_permission',
    `Embedded Postgres: user id ${process.geteuid?.()} lacks access to what it needs (${message}). ` +
      'Give it access, choose another data directory, or set DATABASE_URL to a Postgres server of ' +
      'your own.',
    { cause: error },
  );
}
