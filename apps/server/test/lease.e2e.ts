import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@countersign/embedded-postgres';
import { administer } from '../../../test/administer.js';
import { AdminClient, type NewKey } from './admin-client.js';
import { eventually } from './eventually.js';
import { type Answer, asApiKey, type HttpClient } from './http-client.js';
import { readMetrics } from './metrics-reading.js';
import {
  killServiceProcesses,
  type ServiceProcess,
  startServiceProcess,
} from './service-process.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

// Long enough that a busy machine does not let it run out, short enough to wait for.
const LEASE_MS = 4_000;
// A lease with its margin, and what a busy machine adds.
const LAPSES_WITHIN_MS = LEASE_MS + 5_000;

interface Replica {
  readonly process: ServiceProcess;
  readonly http: HttpClient;
}

let dataDir: string;
let postgres: EmbeddedPostgres;
let proxy: TcpProxy;
let adminKey: string;
let one: Replica;
let two: Replica;
/** Reaches the database through the proxy only. */
let three: Replica;

const startPostgres = () => startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
const query = (sql: string) => administer(postgres.url(), sql);

async function startReplica(databaseUrl = postgres.url()): Promise<Replica> {
  const process = startServiceProcess({
    DATABASE_URL: databaseUrl,
    COUNTERSIGN_SECRET: 'a server secret of the tests and of nothing else',
    COUNTERSIGN_DATA_DIR: dataDir,
    COUNTERSIGN_ISSUER: 'https://auth.example.com',
    COUNTERSIGN_MAX_STALENESS_MS: String(LEASE_MS),
    COUNTERSIGN_CONFIRM_WAIT_MS: '20000',
    COUNTERSIGN_DATABASE_TIMEOUT_MS: '5000',
  });
  return { process, http: (await process.listening).http };
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-lease-'));
  postgres = await startPostgres();
  proxy = await startTcpProxy(postgres.url());
  // The first makes the schema and the administrator, which the others would wait for.
  one = await startReplica();
  [two, three] = await Promise.all([startReplica(), startReplica(proxy.url)]);
  adminKey = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
});

afterAll(async () => {
  killServiceProcesses();
  await proxy.close();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** What a replica says of a credential; a service that cannot tell says so. */
async function standing({ http }: Replica, token: string) {
  const { status, json } = await http.form('/introspect', { token }, asApiKey(adminKey));
  if (status === 503) return 'unavailable';
  expect(status).toBe(200);
  return json.active ? 'active' : 'inactive';
}

/** A key that every replica has in memory, with a token of it. */
async function knownEverywhere(): Promise<{ issued: NewKey; credentials: string[] }> {
  const replicas = [one, two, three];
  for (const replica of replicas) await eventually('it is ready', () => isReady(replica));
  const issued = await new AdminClient(one.http, adminKey).newKey(['read']);
  const form = { grant_type: 'client_credentials' };
  const answer = await two.http.form('/token', form, asApiKey(issued.key));
  const credentials = [issued.key, answer.json.access_token as string];
  for (const replica of replicas) {
    for (const each of credentials) {
      await eventually('it is known', async () => (await standing(replica, each)) === 'active');
    }
  }
  return { issued, credentials };
}

async function isReady({ http }: Replica): Promise<boolean> {
  return (await http.get('/health/ready')).status === 200;
}

function revoke(token: string, headers: Record<string, string> = {}): Promise<Answer> {
  return one.http.form('/revoke', { token }, { ...asApiKey(adminKey), ...headers });
}

/** That no replica of these takes them for good, asked again and again, and that each says so once. */
async function expectGone(replicas: readonly Replica[], credentials: readonly string[]) {
  for (const replica of replicas) {
    for (const each of credentials) {
      await eventually('it is inactive', async () => {
        const said = await standing(replica, each);
        expect(said).not.toBe('active');
        return said === 'inactive';
      });
    }
  }
}

const registered = async () => (await query('SELECT id FROM replicas')).length;

describe('a revocation, with three replicas', () => {
  it('is confirmed by all of them, and then nobody accepts what was revoked', async () => {
    const { issued, credentials } = await knownEverywhere();
    const { status, json } = await revoke(issued.key);
    expect([status, json.propagation]).toMatchObject([
      200,
      { confirmed: true, replicas: 3, lapsed: 0, pending: 0 },
    ]);
    // At the first asking: nobody has to wait after the confirmation.
    for (const replica of [one, two, three]) {
      for (const each of credentials) expect(await standing(replica, each)).toBe('inactive');
    }
  });

  it('is confirmed in the body of a DELETE', async () => {
    const { issued, credentials } = await knownEverywhere();
    const answer = await two.http.call(`/v1/keys/${issued.id}`, {
      method: 'DELETE',
      headers: asApiKey(adminKey),
    });
    expect([answer.status, answer.json]).toMatchObject([
      200,
      { propagation: { confirmed: true, replicas: 3 } },
    ]);
    for (const replica of [one, two, three]) {
      for (const each of credentials) expect(await standing(replica, each)).toBe('inactive');
    }
  });

  it('does not depend on notifications', async () => {
    const { issued, credentials } = await knownEverywhere();
    proxy.loseNotifications();
    const { propagation } = (await revoke(issued.key)).json;
    expect(propagation).toMatchObject({ confirmed: true, replicas: 3, lapsed: 0 });
    proxy.resume();
    for (const each of credentials) expect(await standing(three, each)).toBe('inactive');
  });

  it('waits for the lease of one that has stopped, which accepts nothing when it goes on', async () => {
    const { issued, credentials } = await knownEverywhere();
    two.process.signal('SIGSTOP');
    const { status, json } = await revoke(issued.key);
    expect([status, json.propagation]).toMatchObject([
      200,
      { confirmed: true, replicas: 2, lapsed: 1, pending: 0 },
    ]);
    // Half of a lease at least: it was renewed a moment before.
    expect(json.propagation.took_ms).toBeGreaterThan(LEASE_MS / 3);
    expect(json.propagation.took_ms).toBeLessThan(LAPSES_WITHIN_MS);
    // They wait at its door, and are what it does first.
    const asked = Array.from({ length: 20 }, (_, n) => standing(two, credentials[n % 2] ?? ''));
    await delay(100);
    two.process.signal('SIGCONT');
    expect(await Promise.all(asked)).not.toContain('active');
    await expectGone([one, two, three], credentials);
    await eventually('it is registered anew', async () => (await registered()) === 3);
  });

  it('waits for the lease of one that is cut off from the database, which then answers 503', async () => {
    const { issued, credentials } = await knownEverywhere();
    proxy.cut();
    const { propagation } = (await revoke(issued.key)).json;
    expect(propagation).toMatchObject({ confirmed: true, replicas: 2, lapsed: 1 });
    for (const each of credentials) expect(await standing(three, each)).toBe('unavailable');
    expect(await isReady(three)).toBe(false);
    expect((await three.http.get('/health/live')).status).toBe(200);
    proxy.resume();
    await expectGone([three], credentials);
    expect((await readMetrics(three.http)).sum('countersign_lease_lapses_total')).toBeGreaterThan(
      0,
    );
  });

  it('says 202 and until when it may last where the caller does not wait', async () => {
    const [first, second] = [await knownEverywhere(), await knownEverywhere()];
    two.process.signal('SIGSTOP');
    const headers = { ...asApiKey(adminKey), prefer: 'wait=0' };
    const path = `/v1/keys/${first.issued.id}`;
    const removed = await one.http.call(path, { method: 'DELETE', headers });
    expect([removed.status, removed.headers.get('preference-applied')]).toEqual([202, 'wait=0']);
    const { propagation } = removed.json;
    expect(propagation).toMatchObject({ confirmed: false, lapsed: 0 });
    expect(propagation.pending).toBeGreaterThan(0);
    expect(propagation.bound_ms).toBeGreaterThan(0);
    expect(propagation.bound_ms).toBeLessThan(LEASE_MS * 1.1);

    const unconfirmed = await revoke(second.issued.key, { prefer: 'wait=0' });
    expect([unconfirmed.status, unconfirmed.json]).toMatchObject([
      503,
      { error: 'temporarily_unavailable', propagation: { confirmed: false } },
    ]);
    expect(Number(unconfirmed.headers.get('retry-after'))).toBeGreaterThan(0);
    two.process.signal('SIGCONT');
    const again = await revoke(second.issued.key);
    expect([again.status, again.json.propagation.confirmed]).toEqual([200, true]);
    for (const each of [...first.credentials, ...second.credentials]) {
      for (const replica of [one, two, three]) {
        expect(await standing(replica, each)).not.toBe('active');
      }
    }
  });

  it('waits for nobody that has stopped as it should', async () => {
    const { issued, credentials } = await knownEverywhere();
    expect(await two.process.stop()).toBe(0);
    expect(await registered()).toBe(2);
    const { propagation } = (await revoke(issued.key)).json;
    expect(propagation).toMatchObject({ confirmed: true, replicas: 2, lapsed: 0 });
    two = await startReplica();
    await expectGone([one, two, three], credentials);
    expect(await registered()).toBe(3);
  });

  it('waits once for one that was killed, and then no more', async () => {
    const { issued } = await knownEverywhere();
    const { issued: other } = await knownEverywhere();
    two.process.signal('SIGKILL');
    await two.process.exited;
    const { propagation } = (await revoke(issued.key)).json;
    expect(propagation).toMatchObject({ confirmed: true, replicas: 2, lapsed: 1 });
    const next = (await revoke(other.key)).json.propagation;
    expect(next).toMatchObject({ confirmed: true, replicas: 2, lapsed: 0 });
    two = await startReplica();
  });

  it('rarely waits for one that was killed: the others clear it away by themselves', async () => {
    const { issued } = await knownEverywhere();
    two.process.signal('SIGKILL');
    await eventually('it is cleared', async () => (await registered()) === 2, LAPSES_WITHIN_MS);
    const { propagation } = (await revoke(issued.key)).json;
    expect(propagation).toMatchObject({ confirmed: true, replicas: 2, lapsed: 0 });
    two = await startReplica();
  });

  it('outlives a restart of the database, and so do the replicas', async () => {
    const before = await knownEverywhere();
    const after = await knownEverywhere();
    await revoke(before.issued.key);
    await postgres.stop();
    for (const replica of [one, two, three]) {
      for (const each of before.credentials) {
        expect(await standing(replica, each)).not.toBe('active');
      }
    }
    await eventually('nobody answers from memory', async () => {
      const said = await Promise.all(
        [one, two, three].map((each) => standing(each, after.issued.key)),
      );
      expect(said).not.toContain('inactive');
      return said.every((each) => each === 'unavailable');
    });
    postgres = await startPostgres();
    for (const replica of [one, two, three]) {
      await eventually('it is ready again', () => isReady(replica), 20_000);
    }
    await expectGone([one, two, three], before.credentials);
    const answer = await eventually('it can be revoked', async () => {
      const asked = await revoke(after.issued.key);
      return asked.status === 200 && asked;
    });
    expect(answer.json.propagation).toMatchObject({ confirmed: true, replicas: 3, lapsed: 0 });
    for (const replica of [one, two, three]) {
      for (const each of after.credentials) expect(await standing(replica, each)).toBe('inactive');
    }
  });
});
