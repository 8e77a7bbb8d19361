import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@countersign/embedded-postgres';
import pg from 'pg';
import { untilTrue } from '../until-true.js';

const MAX_CONNECTIONS = 150;
const RESTART_TIMEOUT_MS = 30_000;
const DEFAULT_PORT = 5432;
const PATIENCE_MS = 10_000;

/** The Postgres that the replicas share: one of the test bed's own, or one that was given. */
export class Database {
  private constructor(
    /** Without whatever stands between it and a replica. */
    readonly url: string,
    private readonly serverUrl: string,
    private own: EmbeddedPostgres | undefined,
    private readonly dataDir: string,
  ) {}

  /** @param givenUrl of a superuser; a database is made there; absent: Postgres is started in `folder` */
  static async open(folder: string, name: string, givenUrl?: string): Promise<Database> {
    const dataDir = join(folder, 'postgres');
    const own = givenUrl === undefined ? await startOwn(dataDir) : undefined;
    const server = own?.url('postgres') ?? givenUrl ?? '';
    await administer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return new Database(url.href, server, own, dataDir);
  }

  /** Where a proxy finds it. */
  get address(): NetConnectOpts {
    const url = new URL(this.url);
    const port = Number(url.port || DEFAULT_PORT);
    const folder = url.searchParams.get('host');
    if (folder?.startsWith('/')) return { path: `${folder}/.s.PGSQL.${port}` };
    return { host: url.hostname, port };
  }

  /** The same database by way of a proxy. */
  through(port: number): string {
    const url = new URL(this.url);
    url.searchParams.delete('host');
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return url.href;
  }

  query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return administer(this.url, sql, values);
  }

  /**
   * Stops it; one that was given loses its connections only.
   * @param how `crash`: at once, so that it recovers from its log when it comes back
   */
  async stop(how: 'shutdown' | 'crash'): Promise<void> {
    if (this.own === undefined) {
      await this.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`);
      return;
    }
    if (how === 'crash') process.kill(this.own.pid, 'SIGQUIT');
    await this.own.stop();
  }

  async start(): Promise<void> {
    if (this.own !== undefined) this.own = await startOwn(this.dataDir);
    await untilTrue('Postgres answers', RESTART_TIMEOUT_MS, () =>
      this.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** Leaves nothing. */
  async close(): Promise<void> {
    if (this.own !== undefined) {
      await this.own.stop();
      return;
    }
    const name = new URL(this.url).pathname.slice(1);
    await administer(this.serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

function startOwn(dataDir: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, maxConnections: MAX_CONNECTIONS });
}

async function administer(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    // Never answered where the server has gone meanwhile.
    void client.end().catch(() => undefined);
  }
}
