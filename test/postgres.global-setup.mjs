import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';

/**
 * Has a Postgres ready before the first test, and publishes its superuser's URL to the workers as
 * COUNTERSIGN_TEST_POSTGRES_URL. It is the one of COUNTERSIGN_TEST_DATABASE_URL, if that is set, or
 * else one of its own, without durability.
 *
 * A process beside Jest sees to it, see `serve-postgres.ts`: Jest may be killed and can then clean
 * nothing up, and it cannot load our sources outside of tests, whose imports name `.js` files.
 */
// oxlint-disable-next-line import/no-default-export -- which is what Jest calls
export default async function setUp() {
  const run = randomBytes(6).toString('hex');
  const server = fork(path.join(import.meta.dirname, 'serve-postgres.ts'), [run], {
    execArgv: ['--conditions=@countersign/source', '--import', '@oxc-node/core/register'],
    cwd: import.meta.dirname,
    // Out of the terminal's process group: Ctrl-C ends Jest, and Jest's end ends this.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(server, 'exit').then(() => {
    throw new Error('The Postgres for tests did not start; see above.');
  });
  const [{ url }] = await Promise.race([once(server, 'message'), ended]);
  ended.catch(() => undefined);
  server.unref();
  server.channel.unref();
  process.env.COUNTERSIGN_TEST_POSTGRES_URL = url;
  process.env.COUNTERSIGN_TEST_RUN = run;
  globalThis.countersignTestPostgres = server;
}
