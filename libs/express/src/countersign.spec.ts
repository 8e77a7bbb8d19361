import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal, VerifiableRequest, Verifier, VerifyResult } from '@countersign/client';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import express, { type Express } from 'express';
import express4 from 'express4';
import { type CountersignOptions, countersign, type Protect, principalOf } from './index.js';

const principal = { name: 'nightly export', scopes: ['orders:read'] } as unknown as Principal;
const ACCEPTED: VerifyResult = { ok: true, principal, source: 'local' };
const REFUSED: VerifyResult = {
  ok: false,
  status: 401,
  code: 'expired',
  error: 'invalid_token',
  challenge: 'Bearer realm="orders", error="invalid_token"',
};

/** As a verifier of the realm answers; what it says is its own affair. */
const insufficientScope: Verifier['insufficientScope'] = (scopes, scheme = 'Bearer') => ({
  ok: false,
  status: 403,
  code: 'insufficient_scope',
  error: 'insufficient_scope',
  challenge: `${scheme} realm="orders", error="insufficient_scope", scope="${scopes.join(' ')}"`,
});

let server: Server | undefined;

afterEach(() => void server?.close());

/** Serves what `routes` adds to an app, in front of which nothing stands. */
async function serve(
  create: () => Express,
  result: VerifyResult | Error,
  routes: (app: Express, protect: Protect) => void,
  options?: CountersignOptions,
) {
  const verify = jest.fn<Verifier['verify']>(async () => {
    if (result instanceof Error) throw result;
    return result;
  });
  const app = create();
  app.set('env', 'test');
  routes(app, countersign({ verify, insufficientScope } as unknown as Verifier, options));
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { headers });
    return { response, body: (await response.json().catch(() => null)) as unknown };
  };
  return { verify, call };
}

const whoCalls: Parameters<typeof serve>[2] = (app, protect) =>
  app.get('/orders', protect('orders:read'), (request, response) => {
    response.json({ for: principalOf(request).name, same: request.principal === principal });
  });

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('countersign with %s', (_, create) => {
  it('puts the principal on the request', async () => {
    const { call } = await serve(create, ACCEPTED, whoCalls);
    const { response, body } = await call('/orders');
    expect([response.status, body]).toEqual([200, { for: 'nightly export', same: true }]);
  });

  it('has the verifier see the request as it was sent, whatever router it stands in', async () => {
    const { verify, call } = await serve(
      create,
      ACCEPTED,
      (app, protect) => {
        const router = create.Router();
        router.get('/:id', protect('orders:read'), (_request, response) => response.json({}));
        app.set('trust proxy', true);
        app.use('/orders', router);
      },
      { context: () => ({ certificateThumbprint: 'of the connection' }) },
    );
    await call('/orders/7?full=1', { 'x-api-key': 'k', 'x-forwarded-for': '192.0.2.7' });
    expect(verify).toHaveBeenCalledTimes(1);
    const [request, options] = verify.mock.calls[0] ?? [];
    expect(request).toMatchObject({
      method: 'GET',
      originalUrl: '/orders/7?full=1',
      ip: '192.0.2.7',
    });
    expect((request as VerifiableRequest).rawHeaders).toContain('x-api-key');
    expect(options).toEqual({
      scopes: ['orders:read'],
      context: { certificateThumbprint: 'of the connection' },
    });
  });

  it('answers a refusal with its status, challenge and nonce, and does not run the route', async () => {
    const route = jest.fn();
    const { call } = await serve(create, { ...REFUSED, dpopNonce: 'n-1' }, (app, protect) =>
      app.get('/orders', protect(), route),
    );
    const { response, body } = await call('/orders');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(REFUSED.challenge);
    expect(response.headers.get('dpop-nonce')).toBe('n-1');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toEqual({ error: 'invalid_token' });
    expect(route).not.toHaveBeenCalled();
  });

  it('answers 503 when it cannot be told, without a challenge', async () => {
    const unknown = { ok: false, status: 503, code: 'unavailable', reason: 'keys' } as const;
    const { call } = await serve(create, { ...unknown, retryAfterSeconds: 2 }, whoCalls);
    const { response, body } = await call('/orders');
    expect([response.status, body]).toEqual([503, { error: 'temporarily_unavailable' }]);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.has('www-authenticate')).toBe(false);
  });

  it('verifies a request once, however many stand in its way, and still asks for each scope', async () => {
    const { verify, call } = await serve(create, ACCEPTED, (app, protect) => {
      app.use(protect());
      app.get('/orders', protect('orders:read'), (_, response) => response.json({}));
      app.get('/refunds', protect('orders:read', 'orders:refund'), (_, response) =>
        response.json({}),
      );
    });
    expect((await call('/orders')).response.status).toBe(200);
    expect(verify).toHaveBeenCalledTimes(1);
    for (const scheme of ['Bearer', 'DPoP']) {
      const { response, body } = await call('/refunds', { authorization: `${scheme} x` });
      expect([response.status, body]).toEqual([403, { error: 'insufficient_scope' }]);
      expect(response.headers.get('www-authenticate')).toBe(
        `${scheme} realm="orders", error="insufficient_scope", scope="orders:read orders:refund"`,
      );
    }
  });

  it('lets in who has the scopes of all that stand in the way, and names them until there', async () => {
    const route = jest.fn();
    const { verify, call } = await serve(create, ACCEPTED, (app, protect) => {
      app.use(protect('orders:read'));
      app.get('/orders', protect('orders:read'), protect(), (_, response) => response.json({}));
      app.get('/refunds', protect(), protect('orders:refund'), protect('orders:audit'), route);
    });
    expect((await call('/orders')).response.status).toBe(200);
    const { response, body } = await call('/refunds');
    expect([response.status, body]).toEqual([403, { error: 'insufficient_scope' }]);
    expect(response.headers.get('www-authenticate')).toContain('scope="orders:read orders:refund"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(route).not.toHaveBeenCalled();
    expect(verify.mock.calls.map(([, options]) => options?.scopes)).toEqual([
      ['orders:read'],
      ['orders:read'],
    ]);
  });

  it('verifies anew for another verifier', async () => {
    const other = { verify: jest.fn(async () => REFUSED) } as unknown as Verifier;
    const { call } = await serve(create, ACCEPTED, (app, protect) =>
      app.get('/', protect(), countersign(other)(), (_, response) => response.json({})),
    );
    expect((await call('/')).response.status).toBe(401);
  });

  it('sends the nonce that an accepted proof is answered with', async () => {
    const { call } = await serve(create, { ...ACCEPTED, dpopNonce: 'n-2' }, whoCalls);
    expect((await call('/orders')).response.headers.get('dpop-nonce')).toBe('n-2');
  });

  it('lets nobody in when the verifier fails: the error goes to the error handler', async () => {
    const { call } = await serve(create, new Error('unforeseen'), whoCalls);
    expect((await call('/orders')).response.status).toBe(500);
  });

  it('has no principal where nothing protects the route', async () => {
    const { call } = await serve(create, ACCEPTED, (app) =>
      app.get('/', (request, response) => response.json(principalOf(request))),
    );
    expect((await call('/')).response.status).toBe(500);
  });
});
