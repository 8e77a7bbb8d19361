import type { Principal, VerifiableRequest, Verifier, VerifyResult } from '@countersign/client';
import { describe, expect, it, jest } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { type CountersignOptions, countersign, principalOf } from './index.js';

const principal = { name: 'nightly export', scopes: ['orders:read'] } as unknown as Principal;
const ACCEPTED: VerifyResult = { ok: true, principal, source: 'local' };
const REFUSED: VerifyResult = {
  ok: false,
  status: 401,
  code: 'expired',
  error: 'invalid_token',
  challenge: 'Bearer realm="orders", error="invalid_token"',
};

async function serve(
  result: VerifyResult | Error,
  options: Omit<CountersignOptions, 'verifier'> = {},
  routes?: (app: FastifyInstance) => void | Promise<void>,
) {
  const verify = jest.fn<Verifier['verify']>(async () => {
    if (result instanceof Error) throw result;
    return result;
  });
  const app = fastify({ trustProxy: true });
  await app.register(countersign, { verifier: { verify } as unknown as Verifier, ...options });
  app.get('/orders', { config: { scopes: ['orders:read'] } }, (request) => ({
    for: principalOf(request).name,
    same: request.principal === principal,
  }));
  app.get('/health', { config: { public: true } }, (request) => ({ principal: request.principal }));
  app.get('/mistake', { config: { public: true } }, (request) => principalOf(request));
  app.post('/unmarked', () => 'in');
  await routes?.(app);
  return { app, verify };
}

describe('countersign', () => {
  it('puts the principal on the request', async () => {
    const { app } = await serve(ACCEPTED);
    const answer = await app.inject('/orders');
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { for: 'nightly export', same: true },
    ]);
  });

  it('has the verifier see the request as it was sent, each header as often as it came', async () => {
    const context = () => ({ certificateThumbprint: 'of the connection' });
    const { app, verify } = await serve(ACCEPTED, { context });
    const headers = { 'x-api-key': 'k', 'x-forwarded-for': '192.0.2.7' };
    await app.inject({ url: '/orders?full=1', headers });
    expect(verify).toHaveBeenCalledTimes(1);
    const [request, options] = verify.mock.calls[0] ?? [];
    expect(request).toMatchObject({
      headers,
      method: 'GET',
      originalUrl: '/orders?full=1',
      ip: '192.0.2.7',
    });
    expect((request as VerifiableRequest).rawHeaders).toContain('x-api-key');
    expect(options).toEqual({ scopes: ['orders:read'], context: context() });
  });

  it('lets everybody in where the route says so, and nowhere else', async () => {
    const { app, verify } = await serve(REFUSED, {}, (outer) => {
      void outer.register(async (inner) => void inner.get('/inner', () => 'in'));
    });
    const open = await app.inject('/health');
    expect([open.statusCode, open.json()]).toEqual([200, { principal: null }]);
    expect(verify).not.toHaveBeenCalled();
    for (const url of ['/orders', '/inner', '/nowhere']) {
      expect((await app.inject(url)).statusCode).toBe(401);
    }
    expect((await app.inject({ method: 'POST', url: '/unmarked' })).statusCode).toBe(401);
    expect((await app.inject({ method: 'HEAD', url: '/orders' })).statusCode).toBe(401);
  });

  it('answers a refusal before the body is read, with its challenge and nonce', async () => {
    const { app } = await serve({ ...REFUSED, dpopNonce: 'n-1' });
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/unmarked', headers, body: '{ no' });
    expect([answer.statusCode, answer.json()]).toEqual([401, { error: 'invalid_token' }]);
    expect(answer.headers).toMatchObject({
      'www-authenticate': REFUSED.challenge,
      'dpop-nonce': 'n-1',
      'cache-control': 'no-store',
    });
  });

  it('answers 503 when it cannot be told, without a challenge', async () => {
    const unknown = { ok: false, status: 503, code: 'unavailable', reason: 'keys' } as const;
    const { app } = await serve({ ...unknown, retryAfterSeconds: 2 });
    const answer = await app.inject('/orders');
    expect([answer.statusCode, answer.json()]).toEqual([503, { error: 'temporarily_unavailable' }]);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.headers).not.toHaveProperty('www-authenticate');
  });

  it('sends the nonce that an accepted proof is answered with', async () => {
    const { app } = await serve({ ...ACCEPTED, dpopNonce: 'n-2' });
    expect((await app.inject('/orders')).headers['dpop-nonce']).toBe('n-2');
  });

  it('verifies a request once: a second plugin in its way is refused at the start', async () => {
    const { app, verify } = await serve(ACCEPTED);
    await app.inject('/orders');
    expect(verify).toHaveBeenCalledTimes(1);
    const again = serve(ACCEPTED, {}, async (outer) => {
      const verifier = { verify } as unknown as Verifier;
      await outer.register(async (inner) => {
        await inner.register(countersign, { verifier });
      });
    });
    await expect(again).rejects.toMatchObject({ code: 'FST_ERR_DEC_ALREADY_PRESENT' });
  });

  it('verifies a request once where its route ends in the handler of what is not found', async () => {
    const { app, verify } = await serve(ACCEPTED, {}, (outer) => {
      outer.setNotFoundHandler((request, reply) => {
        void reply.code(404).send({ for: principalOf(request).name });
      });
      outer.get('/gone', (_, reply) => reply.callNotFound());
    });
    const answer = await app.inject('/gone');
    expect([answer.statusCode, answer.json()]).toEqual([404, { for: 'nightly export' }]);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('lets nobody in when the verifier fails', async () => {
    const { app } = await serve(new Error('unforeseen'));
    expect((await app.inject('/orders')).statusCode).toBe(500);
  });

  it('does not start with a route that is public and names scopes', async () => {
    const app = fastify();
    await app.register(countersign, { verifier: {} as Verifier });
    const config = { public: true, scopes: ['orders:read'] };
    expect(() => app.get('/both', { config }, () => 'ok')).toThrow(/\/both is public and names/);
  });

  it('has no principal on a public route', async () => {
    const { app } = await serve(ACCEPTED);
    expect((await app.inject('/mistake')).statusCode).toBe(500);
  });
});
