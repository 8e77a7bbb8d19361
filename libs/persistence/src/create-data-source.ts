import { MIGRATIONS } from '@countersign/migrations';
import pg from 'pg';
import { DataSource, type Logger } from 'typeorm';
import { ENTITIES } from './entities/index.js';

// What the client waits longer than the server: it then knows that the network is at fault.
const NETWORK_MARGIN_MS = 500;
const IDLE_CONNECTION_MS = 60_000;
const KEEPALIVE_DELAY_MS = 10_000;

export interface DataSourceOptions {
  /** `postgres://…`; a session of its own is needed: no pooler in transaction mode in between. */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** For a connection, a new one or a free one of the pool. */
  readonly connectTimeoutMs: number;
  /** For each statement; also the longest that a transaction may idle, twice over. */
  readonly statementTimeoutMs: number;
}

/**
 * The service's pool of connections to Postgres, not connected yet. Every wait is bounded, a lost
 * connection never ends the process, and a query with an undefined or null id throws.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    driver: { ...pg, Pool: CleanPool },
    url: options.url,
    poolSize: options.poolSize,
    applicationName: options.applicationName ?? 'countersign',
    connectTimeoutMS: options.connectTimeoutMs,
    // An idle connection was lost: the next query makes another one, or says that it cannot.
    poolErrorHandler: () => undefined,
    logger: SILENT,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsRun: false,
    migrationsTableName: 'schema_migrations',
    synchronize: false,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    useUTC: true,
    extra: {
      ...SESSION,
      statement_timeout: options.statementTimeoutMs,
      query_timeout: options.statementTimeoutMs + NETWORK_MARGIN_MS,
      idle_in_transaction_session_timeout: 2 * options.statementTimeoutMs,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
    },
  });
}

/**
 * Settings of every connection, so that no setting of the server or database changes a result. A
 * commit that was confirmed must outlive a crash of the database: else a revocation could be undone
 * that callers rely on, or a replica forgotten that still answers from memory.
 */
export const SESSION = {
  options: '-c DateStyle=ISO -c TimeZone=UTC -c synchronous_commit=on',
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEPALIVE_DELAY_MS,
} as const;

// What fails is thrown; TypeORM's own lines on the console would only bypass the service's log.
const SILENT: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

/**
 * Closes a connection that comes back inside a transaction or in the middle of a query. Without
 * this, the next borrower's changes would land in a transaction that nobody ever commits.
 */
class CleanPool extends pg.Pool {
  constructor(options: pg.PoolConfig) {
    super(options);
    this.on('release', (_error, client) => {
      const { readyForQuery } = client as pg.PoolClient & { readyForQuery?: boolean };
      const clean = readyForQuery === true && client.getTransactionStatus() === 'I';
      if (!clean) void (client as pg.PoolClient & pg.Client).end().catch(() => undefined);
    });
  }
}
