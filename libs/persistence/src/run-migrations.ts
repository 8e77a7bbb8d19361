import {
  DataSource,
  type DataSourceOptions,
  MigrationExecutor,
  QueryFailedError,
  type QueryRunner,
} from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

const OLDEST_SERVER = 14;
/** Of the advisory lock; any fixed number that no other application uses. */
const LOCK_KEY = 7_266_842_911;
const LOCK_WAIT_DEFAULT_MS = 5 * 60_000;
const LOCK_NOT_AVAILABLE = '55P03';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** The schema cannot be brought up to date, and an operator has to see to it. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

/**
 * Brings the schema up to date, and returns the names of the migrations that ran. Processes that
 * start together take turns. They run on one connection that also holds the lock and has no time
 * limit for statements, so a lost connection ends the migration together with the lock.
 *
 * @param lockWaitMs how long another process's migrations are waited for
 * @throws {MigrationRefused} server too old, wrong encoding, or a schema newer than this build
 * @throws {DependencyUnavailable}
 */
export async function runMigrations(
  dataSource: DataSource,
  lockWaitMs: number = LOCK_WAIT_DEFAULT_MS,
): Promise<string[]> {
  return withDatabaseFailures(async () => {
    const session = await new DataSource(withoutTimeLimits(dataSource)).initialize();
    try {
      const queryRunner = session.createQueryRunner();
      await refuseUnsuitableServer(queryRunner);
      await waitForLock(queryRunner, lockWaitMs);
      await refuseNewerSchema(session, queryRunner);
      const ran = await new MigrationExecutor(session, queryRunner).executePendingMigrations();
      return ran.map(({ name }) => name);
    } finally {
      // The lock goes with the connection, whatever happened on it.
      await session.destroy();
    }
  });
}

function withoutTimeLimits(dataSource: DataSource): PostgresOptions {
  const options = dataSource.options as PostgresOptions;
  const extra: unknown = {
    ...(options.extra as object),
    statement_timeout: 0,
    query_timeout: 0,
    idle_in_transaction_session_timeout: 0,
  };
  return { ...options, entities: [], poolSize: 1, extra };
}

async function refuseUnsuitableServer(queryRunner: QueryRunner): Promise<void> {
  const [server] = (await queryRunner.query(
    `SELECT current_setting('server_version_num')::integer AS version,
            current_setting('server_encoding') AS encoding`,
  )) as [{ version: number; encoding: string }];
  requireSuitableServer(server.version, server.encoding);
}

/** @param version as in `server_version_num`, such as 140011 */
export function requireSuitableServer(version: number, encoding: string): void {
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_SERVER) {
    throw new MigrationRefused(
      `Countersign needs PostgreSQL ${OLDEST_SERVER} or later; this server is PostgreSQL ${major}.`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new MigrationRefused(
      `Countersign needs a database with the encoding UTF8; this one has ${encoding}. ` +
        `Create it with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`,
    );
  }
}

async function waitForLock(queryRunner: QueryRunner, lockWaitMs: number): Promise<void> {
  await queryRunner.query(`SELECT set_config('lock_timeout', $1, false)`, [`${lockWaitMs}ms`]);
  try {
    await queryRunner.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw new MigrationRefused(
      `Another process has been migrating this database for more than ${lockWaitMs / 1000} s.`,
      { cause: error },
    );
  }
  await queryRunner.query(`SELECT set_config('lock_timeout', '0', false)`);
}

function isLockTimeout(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: unknown }).code === LOCK_NOT_AVAILABLE;
}

async function refuseNewerSchema(session: DataSource, queryRunner: QueryRunner): Promise<void> {
  const executed = await new MigrationExecutor(session, queryRunner).getExecutedMigrations();
  const known = new Set(session.migrations.map(({ name }) => name));
  const unknown = executed.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new MigrationRefused(
    `The database was migrated by a newer version of Countersign, which this one does not know ` +
      `how to use (${unknown.join(', ')}). Start that version, or restore the database from before it.`,
  );
}
