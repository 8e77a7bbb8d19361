import { once } from 'node:events';

/** Ends the Postgres of `postgres.global-setup.mjs`, and waits until nothing of it is left. */
// oxlint-disable-next-line import/no-default-export -- which is what Jest calls
export default async function tearDown() {
  const server = globalThis.countersignTestPostgres;
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  server.ref();
  const ended = once(server, 'exit');
  server.disconnect();
  await ended;
}
