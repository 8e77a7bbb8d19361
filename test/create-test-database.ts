import { randomBytes } from 'node:crypto';
import { administer } from './administer.js';

export interface TestDatabase {
  /** Its owner is a superuser. */
  readonly url: string;
  /** Breaks connections that are still open. Not calling it is harmless: the run's end does. */
  drop(): Promise<void>;
}

/** Creates an empty database for one test file, on the Postgres that Jest's global setup provides. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['COUNTERSIGN_TEST_POSTGRES_URL'];
  const run = process.env['COUNTERSIGN_TEST_RUN'];
  if (server === undefined || run === undefined) {
    throw new Error(
      'There is no Postgres for tests: run them with the jest.config.mjs at the root.',
    );
  }
  const name = `countersign_test_${run}_${randomBytes(6).toString('hex')}`;
  // template0 has no sessions, which would make the copy fail.
  await administer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
