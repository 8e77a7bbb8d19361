import pg from 'pg';
import type { Cluster } from '../cluster/cluster.js';
import type { FaultStep } from '../schedule/step.js';
import type { Fault } from './fault.js';

type Lockable = Extract<FaultStep['broken'], { fault: 'hold-lock' }>['on'];

const STATEMENTS: Readonly<Record<Lockable, string>> = {
  'change-head': 'SELECT * FROM change_head FOR UPDATE',
  keys: 'SELECT id FROM api_keys ORDER BY id FOR UPDATE',
  principals: 'SELECT id FROM principals ORDER BY id FOR UPDATE',
};
const LOCK_TIMEOUT = '2s';
const PATIENCE_MS = 5_000;

/**
 * A transaction that is in no hurry: it locks rows that changes need, and commits in the end. What is
 * only read is not held up by it. Where Postgres is away, or goes away meanwhile, there is no lock.
 */
export async function holdLock(cluster: Cluster, on: Lockable): Promise<Fault> {
  const client = new pg.Client({
    connectionString: cluster.database.url,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  client.on('error', () => undefined);
  const isLocked = await lock(client, STATEMENTS[on]).then(
    () => true,
    () => false,
  );
  return {
    affected: { replicas: [], verifiersOf: [] },
    async end() {
      if (isLocked) await client.query('COMMIT').catch(() => undefined);
      // Never awaited where there may be nobody to say goodbye to.
      void client.end().catch(() => undefined);
    },
  };
}

async function lock(client: pg.Client, statement: string): Promise<void> {
  await client.connect();
  await client.query(`BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  await client.query(statement);
}
