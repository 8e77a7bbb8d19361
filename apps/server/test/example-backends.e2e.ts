import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { eventually } from './eventually.js';
import { forgedKey } from './forged-key.js';
import { asApiKey, asBearer, HttpClient } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const EXAMPLES = ['express-backend', 'fastify-backend', 'hono-backend', 'nest-backend'] as const;
const AUDIENCE = 'https://orders.example.com';
const SCOPES = ['orders:read', 'orders:refund'];
const SCOPES_OF_BACKEND = ['countersign:introspect', 'countersign:revocations:read'];

type Example = (typeof EXAMPLES)[number];
type Policy = 'introspect' | 'continue';

let service: ServiceUnderTest;
let backendKey: NewKey;
let client: NewKey;
const children: ChildProcess[] = [];
const backends = new Map<string, HttpClient>();

beforeAll(async () => {
  service = await startServiceUnderTest();
  backendKey = await service.admin.newKey(SCOPES_OF_BACKEND);
  await service.admin.createResourceServer(AUDIENCE, {
    scopes: SCOPES,
    principal_ids: [backendKey.principal_id],
  });
  client = await service.admin.newKey(SCOPES, { principal: { name: 'nightly export' } });
  await Promise.all(EXAMPLES.map((example) => start(example, 'introspect')));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await service.stop();
});

/** As `npm start` in the example does. */
async function start(example: Example, policy: Policy): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--conditions=@countersign/source', '--import', '@oxc-node/core/register', 'src/main.ts'],
    {
      cwd: path.resolve(import.meta.dirname, '../../../examples', example),
      env: {
        PATH: process.env['PATH'],
        COUNTERSIGN_URL: service.url,
        COUNTERSIGN_KEY: backendKey.key,
        STALENESS_POLICY: policy,
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.push(child);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) {
      backends.set(example + policy, new HttpClient(url));
      return;
    }
  }
  throw new Error(`${example} ended: ${complaints}`);
}

function backendOf(example: Example, policy: Policy = 'introspect'): HttpClient {
  const backend = backends.get(example + policy);
  if (backend === undefined) throw new Error(`${example} was not started`);
  return backend;
}

describe.each(EXAMPLES)('%s', (example) => {
  type Headers = Record<string, string>;
  const orders = (headers: Headers) => backendOf(example).get('/orders', headers);
  const refund = (headers: Headers) =>
    backendOf(example).call('/refunds', { method: 'POST', headers });
  const tokenOf = (key: string, fields: Headers = {}) =>
    service.tokenFor(key, { audience: AUDIENCE, ...fields });

  it('lets a key in by either header, and a token that comes from it, as the same principal', async () => {
    const token = await tokenOf(client.key);
    for (const headers of [asApiKey(client.key), asBearer(client.key), asBearer(token)]) {
      const read = await orders(headers);
      expect([read.status, read.json]).toEqual([200, { orders: [], for: 'nightly export' }]);
      const refunded = await refund(headers);
      expect([refunded.status, refunded.json]).toEqual([
        201,
        { refunded: true, by: 'nightly export' },
      ]);
    }
  });

  it('lets everybody in at the one route that is for everybody', async () => {
    expect((await backendOf(example).get('/health')).json).toEqual({ status: 'ok' });
  });

  it('challenges who presents no credential, without an error code (RFC 6750 §3.1)', async () => {
    for (const answer of [await orders({}), await refund({ authorization: 'Basic eDp5' })]) {
      expect([answer.status, answer.json]).toEqual([401, {}]);
      expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="${AUDIENCE}"`);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('refuses what is forged, mistyped or for somebody else, and does not say why', async () => {
    const token = await tokenOf(client.key);
    for (const headers of [
      asBearer(`${token.slice(0, -8)}AAAAAAAA`),
      asBearer(await service.tokenFor(client.key)),
      asBearer('nonsense'),
      asApiKey('nonsense'),
      asApiKey(forgedKey(client.key)),
    ]) {
      const answer = await orders(headers);
      expect([answer.status, answer.json]).toEqual([401, { error: 'invalid_token' }]);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it('answers 403 to a key or token that lacks the scope, and names the scope', async () => {
    const reader = await service.admin.newKey(['orders:read']);
    const narrowed = await tokenOf(client.key, { scope: 'orders:read' });
    for (const headers of [asApiKey(reader.key), asBearer(narrowed)]) {
      expect((await orders(headers)).status).toBe(200);
      const answer = await refund(headers);
      expect([answer.status, answer.json]).toEqual([403, { error: 'insufficient_scope' }]);
      const challenge = answer.headers.get('www-authenticate');
      expect(challenge).toContain('error="insufficient_scope", scope="orders:refund"');
    }
  });

  it('answers 400 to two credentials, also where one header comes twice', async () => {
    const token = await tokenOf(client.key);
    const both = await orders({ ...asApiKey(client.key), ...asBearer(token) });
    expect([both.status, both.json]).toEqual([400, { error: 'invalid_request' }]);
    for (const header of [`Authorization: Bearer ${token}`, `X-API-Key: ${client.key}`]) {
      const request = ['GET /orders HTTP/1.1', 'Host: x', header, header, 'Connection: close'];
      const answer = await backendOf(example).raw(`${request.join('\r\n')}\r\n\r\n`);
      expect(answer.status).toBe(400);
    }
  });

  it('honours restrictions to addresses, methods and paths', async () => {
    const restricted = (restrictions: object) =>
      service.admin.newKey(SCOPES, { key: { restrictions } });
    const here = { ips: ['127.0.0.1'], methods: ['GET'], paths: ['/orders'] };
    const { key } = await restricted(here);
    const elsewhere = await restricted({ ips: ['192.0.2.0/24'] });
    for (const headers of [asApiKey(key), asBearer(await tokenOf(key))]) {
      expect((await orders(headers)).status).toBe(200);
      expect((await refund(headers)).status).toBe(401);
    }
    expect((await orders(asApiKey(elsewhere.key))).status).toBe(401);
  });

  it('refuses a key that was revoked, and the token that came from it', async () => {
    const revoked = await service.admin.newKey(SCOPES);
    const both = [asApiKey(revoked.key), asBearer(await tokenOf(revoked.key))];
    for (const headers of both) expect((await orders(headers)).status).toBe(200);
    await service.admin.revokeKey(revoked.id);
    for (const headers of both) {
      const answer = await eventually('it is refused', async () => {
        const answered = await orders(headers);
        expect([200, 401]).toContain(answered.status);
        return answered.status === 401 && answered;
      });
      expect(answer.json).toEqual({ error: 'invalid_token' });
    }
  });
});

describe('during an outage of the service', () => {
  it('each says 503 to a key; a token goes by the policy', async () => {
    await Promise.all(EXAMPLES.map((example) => start(example, 'continue')));
    const token = await service.tokenFor(client.key, { audience: AUDIENCE });
    for (const backend of backends.values()) {
      expect((await backend.get('/orders', asBearer(token))).status).toBe(200);
    }
    const unseen = await service.admin.newKey(SCOPES);
    await service.stop();
    await Promise.all(
      EXAMPLES.map(async (example) => {
        for (const policy of ['introspect', 'continue'] as const) {
          const answer = await backendOf(example, policy).get('/orders', asApiKey(unseen.key));
          expect([answer.status, answer.json]).toEqual([503, { error: 'temporarily_unavailable' }]);
          expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
          expect(answer.headers.has('www-authenticate')).toBe(false);
        }
        const continued = await backendOf(example, 'continue').get('/orders', asBearer(token));
        expect(continued.status).toBe(200);
        await eventually('what is known is too old', async () => {
          const { status } = await backendOf(example).get('/orders', asBearer(token));
          expect([200, 503]).toContain(status);
          return status === 503;
        });
      }),
    );
  });
});
