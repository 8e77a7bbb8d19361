import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { asApiKey, asBearer, HttpClient } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/express-backend');
const AUDIENCE = 'https://orders.example.com';
const SCOPES = ['orders:read', 'orders:refund'];

let service: ServiceUnderTest;
let child: ChildProcess;
let backend: HttpClient;
let client: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest();
  const own = await service.admin.newKey(['countersign:introspect']);
  await service.admin.createResourceServer(AUDIENCE, {
    scopes: SCOPES,
    principal_ids: [own.principal_id],
  });
  client = await service.admin.newKey(SCOPES, { principal: { name: 'nightly export' } });
  backend = new HttpClient(await startBackend(own.key));
});

afterAll(async () => {
  child.kill('SIGKILL');
  await service.stop();
});

/** As `npm start` in the example does. */
async function startBackend(key: string): Promise<string> {
  child = spawn(
    process.execPath,
    ['--conditions=@countersign/source', '--import', '@oxc-node/core/register', 'src/main.ts'],
    {
      cwd: EXAMPLE,
      env: {
        PATH: process.env['PATH'],
        COUNTERSIGN_URL: service.url,
        COUNTERSIGN_KEY: key,
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (child.stdout === null) throw new Error('the example has no output');
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the example ended: ${complaints}`);
}

const refund = (headers: Record<string, string>) =>
  backend.call('/refunds', { method: 'POST', headers });

describe('the example backend', () => {
  it('lets a token for it in at both routes, as the same principal', async () => {
    const token = await service.tokenFor(client.key, { audience: AUDIENCE });
    const orders = await backend.get('/orders', asBearer(token));
    expect([orders.status, orders.json]).toEqual([200, { orders: [], for: 'nightly export' }]);
    const refunded = await refund(asBearer(token));
    const body = { refunded: true, by: 'nightly export' };
    expect([refunded.status, refunded.json]).toEqual([201, body]);
  });

  it('takes an API key where it asks, and nowhere else', async () => {
    expect((await refund(asApiKey(client.key))).status).toBe(201);
    expect((await refund(asBearer(client.key))).status).toBe(201);
    expect((await backend.get('/orders', asBearer(client.key))).status).toBe(401);
    expect((await backend.get('/orders', asApiKey(client.key))).status).toBe(401);
  });

  it('challenges who has no credential, a forged one, or one for somebody else', async () => {
    const token = await service.tokenFor(client.key, { audience: AUDIENCE });
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    const elsewhere = await service.tokenFor(client.key);
    for (const headers of [{}, asBearer(forged), asBearer(elsewhere), asBearer('nonsense')]) {
      for (const answer of [await backend.get('/orders', headers), await refund(headers)]) {
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="orders"/);
      }
    }
  });

  it('refuses who lacks the scope', async () => {
    const reader = await service.tokenFor(client.key, { audience: AUDIENCE, scope: 'orders:read' });
    expect((await backend.get('/orders', asBearer(reader))).status).toBe(200);
    expect((await refund(asBearer(reader))).status).toBe(403);
    const refunder = { audience: AUDIENCE, scope: 'orders:refund' };
    const token = await service.tokenFor(client.key, refunder);
    expect((await backend.get('/orders', asBearer(token))).status).toBe(403);
  });

  it('honours restrictions of a key to methods and paths, at both routes', async () => {
    const restrictions = { methods: ['GET'], paths: ['/orders'] };
    const { key } = await service.admin.newKey(SCOPES, { key: { restrictions } });
    const token = await service.tokenFor(key, { audience: AUDIENCE });
    expect((await backend.get('/orders', asBearer(token))).status).toBe(200);
    expect((await refund(asBearer(token))).status).toBe(401);
    expect((await refund(asApiKey(key))).status).toBe(401);
  });

  it('honours a revocation at once where it asks', async () => {
    const revoked = await service.admin.newKey(SCOPES);
    const token = await service.tokenFor(revoked.key, { audience: AUDIENCE });
    expect((await refund(asBearer(token))).status).toBe(201);
    await service.admin.revokeKey(revoked.id);
    expect((await refund(asBearer(token))).status).toBe(401);
    expect((await refund(asApiKey(revoked.key))).status).toBe(401);
  });

  it('says 503 when it cannot ask, and never lets in or turns away for that', async () => {
    const token = await service.tokenFor(client.key, { audience: AUDIENCE });
    expect((await backend.get('/orders', asBearer(token))).status).toBe(200);
    await service.stop();
    expect((await refund(asBearer(token))).status).toBe(503);
    // The keys were fetched before: what can be verified without a call still is.
    expect((await backend.get('/orders', asBearer(token))).status).toBe(200);
  });
});
