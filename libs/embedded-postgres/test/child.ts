import { startEmbeddedPostgres } from '../src/index.js';

/*
 * A process that starts Postgres and tells its parent; for tests that end processes in bad ways.
 * It stops it when told to, or, as `brief`, at once, and leaves ending to the event loop.
 */
const [dataDir = '', manner] = process.argv.slice(2);

process.on('SIGINT', () => undefined);
const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
process.send?.({ url: postgres.url(), pid: postgres.pid, adopted: postgres.adopted });
if (manner === 'brief') {
  await postgres.stop();
  process.disconnect();
}
process.on('message', () => void postgres.stop().then(() => process.disconnect()));
