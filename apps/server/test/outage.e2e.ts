import { createDataSource, runChangeTransaction } from '@countersign/persistence';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

const MAX_STALENESS_MS = 1_200;
const DATABASE_TIMEOUT_MS = 400;
// What an answer may take beyond its time limits on a machine that has other things to do.
const SLACK_MS = 1_500;

let service: ServiceUnderTest;
let proxy: TcpProxy;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_MAX_STALENESS_MS: String(MAX_STALENESS_MS),
      COUNTERSIGN_DATABASE_TIMEOUT_MS: String(DATABASE_TIMEOUT_MS),
    },
    databaseUrl: async (direct) => (proxy = await startTcpProxy(direct)).url,
  });
});

afterEach(async () => {
  proxy.resume();
  await eventually('the service is ready again', isReady);
});

afterAll(async () => {
  await service.stop();
  await proxy.close();
});

async function isReady(): Promise<boolean> {
  return (await service.http.get('/health/ready')).status === 200;
}

function introspect(token: string): Promise<Answer> {
  return service.http.form('/introspect', { token }, asApiKey(service.adminKey));
}

/** A new key; tried again on 503, as any client would: a pool may still hold a connection that was cut. */
function newKey() {
  return eventually('a key can be made', () =>
    service.admin.newKey().catch((error: unknown) => {
      if (String(error).includes(' answered 503')) return null;
      throw error;
    }),
  );
}

/** A key that the service has in memory, and one that it has never seen. */
async function warmAndCold(): Promise<[warm: string, cold: string]> {
  const [warm, cold] = [await newKey(), await newKey()];
  expect((await introspect(warm.key)).json).toMatchObject({ active: true });
  return [warm.key, cold.key];
}

function expectUnavailable(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.text).toContain('unavailable');
  expect(answer.headers.get('cache-control')).toContain('no-store');
}

/** Every way to ask about a key besides a plain introspection. */
function askedOf(key: string): Promise<Answer>[] {
  const caller = asApiKey(service.adminKey);
  const post = (path: string, body: object) => service.http.json('POST', path, body, caller);
  const signed = { ...caller, accept: 'application/token-introspection+jwt' };
  const evaluation = {
    subject: { type: 'credential', id: key },
    action: { name: 'read' },
    resource: { type: 'resource_server', id: 'https://api.example.com' },
  };
  return [
    post('/v1/verify', { credential: key }),
    post('/v1/verify', { credential: key, explain: true }),
    post('/v1/introspect/batch', { tokens: ['nonsense', key] }),
    post('/access/v1/evaluation', evaluation),
    post('/access/v1/evaluations', { evaluations: [evaluation, evaluation] }),
    service.http.form('/introspect', { token: key }, signed),
  ];
}

const OUTAGES: [string, () => void][] = [
  ['is gone', () => proxy.cut()],
  ['hangs', () => proxy.hang()],
];

describe.each(OUTAGES)('while the database %s', (_, begin) => {
  it('what is in memory is served for as long as it may be stale, and then it is 503', async () => {
    const [warm] = await warmAndCold();
    const token = await service.tokenFor(warm);
    expect((await introspect(token)).json).toMatchObject({ active: true });
    begin();
    const beganAt = performance.now();
    await eventually('memory is too old', async () => {
      const askedAfterMs = performance.now() - beganAt;
      const answers = [await introspect(warm), await introspect(token)];
      for (const answer of answers) {
        if (answer.status === 503) expectUnavailable(answer);
        else expect(answer.json).toMatchObject({ active: true });
      }
      const served = answers.some(({ status }) => status === 200);
      if (served) expect(askedAfterMs).toBeLessThan(MAX_STALENESS_MS + 50);
      return answers.every(({ status }) => status === 503);
    });
    expect(performance.now() - beganAt).toBeLessThan(MAX_STALENESS_MS + SLACK_MS);
  });

  it('what is not in memory is 503, and neither active nor inactive', async () => {
    const [, cold] = await warmAndCold();
    begin();
    const askedAt = performance.now();
    expectUnavailable(await introspect(cold));
    expect(performance.now() - askedAt).toBeLessThan(DATABASE_TIMEOUT_MS + SLACK_MS);
    for (const answer of await Promise.all(askedOf(cold))) expectUnavailable(answer);
  });

  it('nobody is told that a good credential is bad, at any endpoint', async () => {
    const [warm, cold] = await warmAndCold();
    begin();
    await eventually('memory is too old', async () => (await introspect(warm)).status === 503);
    const form = { grant_type: 'client_credentials' };
    for (const key of [warm, cold, service.adminKey]) {
      const answers = await Promise.all([
        service.http.form('/token', form, asApiKey(key)),
        service.http.form('/introspect', { token: key }, asBearer(key)),
        service.http.form('/revoke', { token: key }, asBearer(key)),
        service.http.get('/whoami', asApiKey(key)),
        service.http.get('/forward-auth', asApiKey(key)),
        service.http.get('/forward-auth?optional=true', asBearer(key)),
        service.http.get('/v1/principals', asBearer(key)),
        ...askedOf(key),
      ]);
      for (const answer of answers) expectUnavailable(answer);
    }
  });

  it('the service is alive but not ready, says why, and recovers by itself', async () => {
    const [warm, cold] = await warmAndCold();
    begin();
    const report = await eventually('it is not ready', async () => {
      const { status, json } = await service.http.get('/health/ready');
      return status === 503 && json;
    });
    expect(report).toMatchObject({ status: 'not_ready', checks: { database: 'down' } });
    expect((await service.http.get('/health/live')).status).toBe(200);
    proxy.resume();
    await eventually('it is ready', isReady);
    for (const key of [warm, cold, service.adminKey]) {
      const answer = await eventually('it answers', async () => {
        const asked = await introspect(key);
        return asked.status === 200 && asked;
      });
      expect(answer.json).toMatchObject({ active: true });
    }
    expect((await newKey()).status).toBe('active');
  });

  it('a key that is revoked meanwhile is never active once it could have been known', async () => {
    const issued = await newKey();
    expect((await introspect(issued.key)).json).toMatchObject({ active: true });
    begin();
    await revokeBehindTheProxy(issued.id);
    const revokedAt = performance.now();
    await eventually('memory is too old', async () => {
      const askedAfterMs = performance.now() - revokedAt;
      const { status } = await introspect(issued.key);
      if (status === 200) expect(askedAfterMs).toBeLessThan(MAX_STALENESS_MS + 50);
      return status === 503;
    });
    proxy.resume();
    const answer = await eventually('it answers', async () => {
      const asked = await introspect(issued.key);
      return asked.status !== 503 && asked;
    });
    expect(answer.text).toBe('{"active":false}');
  });
});

describe('while the database is slow', () => {
  it('everything works, only slower', async () => {
    const [warm, cold] = await warmAndCold();
    proxy.slowDown(60);
    for (const key of [warm, cold]) {
      expect((await introspect(key)).json).toMatchObject({ active: true });
    }
    expect((await newKey()).status).toBe('active');
    expect(await isReady()).toBe(true);
  });
});

describe('when the database is restarted', () => {
  it('every answer is right or 503, and the service needs no help', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, async () => (await newKey()).key));
    const dead = await newKey();
    await service.admin.revokeKey(dead.id);
    proxy.cut();
    proxy.resume();
    for (const key of keys) {
      const answer = await eventually('it answers', async () => {
        const asked = await introspect(key);
        expect([200, 503]).toContain(asked.status);
        return asked.status === 200 && asked;
      });
      expect(answer.json).toMatchObject({ active: true });
    }
    expect((await introspect(dead.key)).text).toBe('{"active":false}');
  });
});

/** As another replica would, which still reaches the database. */
async function revokeBehindTheProxy(keyId: string): Promise<void> {
  const dataSource = createDataSource({
    url: service.databaseUrl,
    poolSize: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 5_000,
  });
  await dataSource.initialize();
  const actor = {
    ...{ principalId: null, credentialType: null, credentialId: null },
    ...{ sourceIp: null, userAgent: null, requestId: null },
  };
  await runChangeTransaction(dataSource, actor, async (tx) => {
    await tx.manager.query(
      `UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id = $1`,
      [keyId],
    );
    tx.changed('api_key', keyId);
  });
  await dataSource.destroy();
}
