import { readdirSync } from 'node:fs';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@countersign/embedded-postgres';
import pg from 'pg';
import { type Core, pin } from '../machine/cores.js';
import { cpuTimeOf, parentOf } from '../measure/cpu-time.js';
import { proportionalBytes } from '../measure/memory.js';

/** The Postgres that the service uses, set up as the service itself sets it up. */
export class Postgres {
  private constructor(
    private readonly server: EmbeddedPostgres,
    readonly version: string,
  ) {}

  static async start(dataDir: string, core: Core): Promise<Postgres> {
    const server = await startEmbeddedPostgres({ dataDir });
    for (const pid of [server.pid, ...childrenOf(server.pid)]) pin(pid, core);
    const [row] = await query<{ server_version: string }>(server.url(), 'SHOW server_version');
    return new Postgres(server, row?.server_version ?? 'unknown');
  }

  url(database: string): string {
    return this.server.url(database);
  }

  async run(database: string, statements: readonly string[]): Promise<void> {
    await query(this.url(database), statements.join(';\n'));
  }

  /** @param template a database that nobody is connected to; it is copied */
  async createDatabase(name: string, template = 'template1'): Promise<void> {
    await this.run('postgres', [`CREATE DATABASE ${name} TEMPLATE ${template}`]);
  }

  /** CPU time of all of its processes so far. */
  cpuSeconds(): number {
    const main = cpuTimeOf(this.server.pid);
    const backends = childrenOf(this.server.pid).map((pid) => cpuTimeOf(pid).own);
    // One that ends while it is looked at is NaN here, and counted with its parent next time.
    const alive = backends.filter((seconds) => !Number.isNaN(seconds));
    return alive.reduce((sum, seconds) => sum + seconds, main.own + main.endedChildren);
  }

  /** Memory of all of its processes; what they share counts once. */
  memoryBytes(): number {
    const pids = [this.server.pid, ...childrenOf(this.server.pid)];
    return pids.reduce((sum, pid) => sum + proportionalBytes(pid), 0);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

function childrenOf(parent: number): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parentOf(pid) === parent);
  } catch {
    return [];
  }
}
