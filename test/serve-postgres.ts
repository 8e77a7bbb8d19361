import { startEmbeddedPostgres } from '@countersign/embedded-postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { administer } from './administer.js';

/*
 * Provides the Postgres for one run of the tests, for as long as the process that forked this one
 * lives, and cleans up after it. Argument: the run's name, with which its databases' names begin.
 */

interface TestServer {
  url: string;
  cleanUp: () => Promise<void>;
}

const OLDEST_SERVER_VERSION = 140_000;

const [run = ''] = process.argv.slice(2);
const external = process.env['COUNTERSIGN_TEST_DATABASE_URL'];
const ended = new Promise<void>((resolve) => {
  if (process.connected) process.once('disconnect', resolve);
  else resolve();
});
const testServer = external ? await useExternal(external) : await startOwn();
if (process.connected) process.send?.({ url: testServer.url });
await ended;
await testServer.cleanUp();

async function startOwn(): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-tests-'));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true });
  try {
    const postgres = await startEmbeddedPostgres({
      dataDir: folder,
      durable: false,
      maxConnections: 200,
    });
    const cleanUp = (): Promise<void> => postgres.stop().then(removeFolder);
    return { url: postgres.url('postgres'), cleanUp };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function useExternal(url: string): Promise<TestServer> {
  const [server] = await administer(
    url,
    `SELECT current_setting('server_version_num')::int AS version, rolsuper AS superuser
       FROM pg_roles WHERE rolname = current_user`,
  );
  if (Number(server?.['version']) < OLDEST_SERVER_VERSION || server?.['superuser'] !== true) {
    throw new Error('COUNTERSIGN_TEST_DATABASE_URL must name a superuser of Postgres 14 or later.');
  }
  return { url, cleanUp: () => dropDatabasesOfRun(url) };
}

/** Those that a killed worker left. */
async function dropDatabasesOfRun(url: string): Promise<void> {
  const left = await administer(
    url,
    `SELECT format('DROP DATABASE %I WITH (FORCE)', datname) AS drop FROM pg_database
       WHERE starts_with(datname, 'countersign_test_${run}_')`,
  );
  for (const { drop } of left) await administer(url, String(drop));
}
