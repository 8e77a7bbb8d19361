import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeIdleConnections } from '../network/http-call.js';
import { TcpProxy } from '../network/tcp-proxy.js';
import { Random } from '../random.js';
import { Database } from './database.js';
import { freePort, Replica } from './replica.js';

/** Of every replica; where it is found is another matter. */
export const ISSUER = 'https://auth.example.com';
const SECRET = 'a server secret of the test bed and of nothing else';

export interface ClusterOptions {
  readonly replicas: number;
  readonly leaseMs: number;
  /** Of a Postgres that is there already. */
  readonly databaseUrl?: string;
  /** Modules that every replica loads before the service. */
  readonly preloaded: readonly string[];
}

/** Replicas of the service on one Postgres, each with a network of its own to it and to its verifiers. */
export class Cluster {
  readonly replicas: Replica[] = [];
  /** Between each replica and Postgres. */
  readonly databaseProxies: TcpProxy[] = [];
  /** Between each replica and the local verifiers that follow it. */
  readonly feedProxies: TcpProxy[] = [];
  #adminKey: string | undefined;

  private constructor(
    readonly folder: string,
    readonly database: Database,
  ) {}

  static async open(options: ClusterOptions): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-torture-'));
    const name = `torture_${process.pid}_${Date.now().toString(36)}`;
    const database = await Database.open(folder, name, options.databaseUrl);
    const cluster = new Cluster(folder, database);
    try {
      for (let index = 0; index < options.replicas; index += 1) await cluster.#add(index, options);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The administrator's. */
  get adminKey(): string {
    this.#adminKey ??= readFileSync(join(this.folder, 'data', 'admin.key'), 'utf8').trim();
    return this.#adminKey;
  }

  /** One after the other: the first makes the schema. */
  async #add(index: number, { leaseMs, preloaded }: ClusterOptions): Promise<void> {
    const random = new Random(index);
    const to = this.database.address;
    const databaseProxy = await TcpProxy.start({ to, isPostgres: true, random });
    this.databaseProxies.push(databaseProxy);
    const port = await freePort();
    const service = { host: '127.0.0.1', port };
    this.feedProxies.push(await TcpProxy.start({ to: service, isPostgres: false, random }));
    const env = {
      DATABASE_URL: this.database.through(databaseProxy.port),
      COUNTERSIGN_SECRET: SECRET,
      COUNTERSIGN_DATA_DIR: join(this.folder, 'data'),
      COUNTERSIGN_ISSUER: ISSUER,
      COUNTERSIGN_MAX_STALENESS_MS: String(leaseMs),
    };
    const logFile = join(this.folder, `replica-${index}.log`);
    const replica = new Replica({ index, port, env, preloaded, logFile });
    this.replicas.push(replica);
    replica.launch();
    await replica.untilReady();
  }

  /** Ends everything, and leaves nothing on the disk. */
  async close(): Promise<void> {
    closeIdleConnections();
    await Promise.all(this.replicas.map((replica) => replica.stop()));
    for (const proxy of [...this.databaseProxies, ...this.feedProxies]) await proxy.close();
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  replica(index: number): Replica {
    return elementOf(this.replicas, index);
  }

  databaseProxy(index: number): TcpProxy {
    return elementOf(this.databaseProxies, index);
  }

  feedProxy(index: number): TcpProxy {
    return elementOf(this.feedProxies, index);
  }
}

function elementOf<T>(list: readonly T[], index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`there is no replica ${index}`);
  return element;
}
