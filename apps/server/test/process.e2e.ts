import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { administer } from '../../../test/administer.js';
import { eventually } from './eventually.js';
import { makeProcessEnvironment, type ProcessEnvironment } from './process-environment.js';
import { asApiKey } from './http-client.js';
import { startServiceProcess } from './service-process.js';
import { StreamReader } from './stream-reader.js';

const GRACE_MS = 60_000;
/** Under which one process at a time migrates. */
const MIGRATION_LOCK = 7_266_842_911;

let environment: ProcessEnvironment;

beforeAll(async () => {
  environment = await makeProcessEnvironment();
});

afterAll(() => environment.remove());

describe('a process that is told to stop', () => {
  it('answers what is in progress, takes nothing new, and ends with 0 and no connection left', async () => {
    const service = startServiceProcess({
      ...environment.env,
      COUNTERSIGN_SHUTDOWN_GRACE_MS: String(GRACE_MS),
    });
    const { url } = await service.listening;
    const adminKey = await environment.adminKey();
    const begun = await beginRequest(url, adminKey, `token=${adminKey}`);
    const idle = await keepAlive(url);

    const toldAt = performance.now();
    service.signal('SIGTERM');
    await eventually('it stops', () => service.output().includes('"msg":"stopping"'));
    await eventually('it takes nothing new', () => refusesConnections(url));
    expect(JSON.parse(await begun.finish())).toMatchObject({ active: true });

    expect(await service.exited).toBe(0);
    // A client that keeps its connection open does not hold it up.
    expect(performance.now() - toldAt).toBeLessThan(GRACE_MS);
    idle.destroy();
    expect(service.output()).toContain('"msg":"stopped"');
    const name = new URL(environment.databaseUrl).pathname.slice(1);
    const connections = await administer(
      environment.databaseUrl,
      `SELECT application_name FROM pg_stat_activity
       WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
    );
    expect(connections).toEqual([]);
  });
});

describe('a process that is told to stop while revocations are streamed', () => {
  it('ends the streams at once, also that of a client that takes nothing, and ends with 0', async () => {
    const service = startServiceProcess({
      ...environment.env,
      COUNTERSIGN_SHUTDOWN_GRACE_MS: String(GRACE_MS),
    });
    const { url } = await service.listening;
    const headers = asApiKey(await environment.adminKey());
    const streams = await Promise.all(
      Array.from({ length: 3 }, () => StreamReader.open(url, headers)),
    );
    await eventually('they are up', () => streams.every(({ heartbeats }) => heartbeats.length > 1));
    const { hostname, port } = new URL(url);
    const stalled = connect(Number(port), hostname);
    stalled.write(
      `GET /revocations/stream HTTP/1.1\r\nhost: x\r\nx-api-key: ${headers['x-api-key']}\r\n\r\n`,
    );
    // It is answered, and takes nothing of that. What is not yet accepted when the process stops is reset.
    await once(stalled, 'readable');
    stalled.on('error', () => undefined);

    const toldAt = performance.now();
    expect(await service.stop()).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(GRACE_MS / 2);
    await Promise.all(streams.map((stream) => stream.untilEnded()));
    stalled.destroy();
  });
});

describe('a process that is told to stop before it is up', () => {
  it('ends, though it still waits for its turn to migrate the database', async () => {
    const migrating = new pg.Client({ connectionString: environment.databaseUrl });
    await migrating.connect();
    try {
      await migrating.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      const service = startServiceProcess(environment.env);
      const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      await eventually(
        'it waits for its turn',
        async () => (await migrating.query(waiting)).rowCount === 1,
        60_000,
      );
      service.signal('SIGTERM');
      const stillRuns = delay(15_000, 'still runs', { ref: false });
      expect(await Promise.race([service.exited, stillRuns])).not.toBe('still runs');
    } finally {
      await migrating.end();
    }
  });
});

describe('a process with a database and no secret', () => {
  it('refuses to start, with a sentence that names the variable', async () => {
    const { COUNTERSIGN_SECRET: _, ...env } = environment.env;
    const service = startServiceProcess(env);
    expect(await service.exited).toBe(2);
    expect(service.output()).toMatch(/^COUNTERSIGN_SECRET is missing: .+\.$/m);
    expect(service.output()).not.toContain(environment.databaseUrl);
  });
});

/** A request whose body is not complete before `finish` is called. */
async function beginRequest(url: string, key: string, body: string) {
  const socket = await open(url);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const head = [
    'POST /introspect HTTP/1.1',
    'Host: x',
    `X-API-Key: ${key}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await eventually('the service has read the head', () => answer.includes('100 Continue'));
  return {
    async finish(): Promise<string> {
      socket.write(body);
      await closed;
      return answer.slice(answer.lastIndexOf('\r\n\r\n') + 4);
    },
  };
}

/** A connection that had an answer and waits for more to ask. */
async function keepAlive(url: string): Promise<Socket> {
  const socket = await open(url);
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

function open(url: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function refusesConnections(url: string): Promise<boolean> {
  try {
    (await open(url)).destroy();
    return false;
  } catch {
    return true;
  }
}
