import type { Principal, Verifier, VerifyResult } from '@countersign/client';
import { describe, expect, it, jest } from '@jest/globals';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type CountersignEnv, type CountersignOptions, countersign } from './index.js';

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

function protectBy(result: VerifyResult | Error, options?: CountersignOptions) {
  const verify = jest.fn<Verifier['verify']>(async () => {
    if (result instanceof Error) throw result;
    return result;
  });
  const protect = countersign({ verify, insufficientScope } as unknown as Verifier, options);
  const app = new Hono<CountersignEnv>();
  app.get('/orders', protect('orders:read'), (c) =>
    c.json({ for: c.get('principal').name, same: c.var.principal === principal }),
  );
  return { app, protect, verify };
}

describe('countersign', () => {
  it('gives the route the principal', async () => {
    const response = await protectBy(ACCEPTED).app.request('/orders');
    expect([response.status, await response.json()]).toEqual([
      200,
      { for: 'nightly export', same: true },
    ]);
  });

  it('has the verifier see the request as it was sent, and what the runtime knows of it', async () => {
    const context = () => ({ certificateThumbprint: 'of the connection' });
    const { app, verify } = protectBy(ACCEPTED, { context, ip: () => '192.0.2.7' });
    const outer = new Hono().route('/v1', app);
    await outer.request('https://api.example.com/v1/orders?full=1', {
      headers: { 'x-api-key': 'k' },
    });
    expect(verify).toHaveBeenCalledTimes(1);
    const [request, options] = verify.mock.calls[0] ?? [];
    expect(request).toMatchObject({
      method: 'GET',
      url: 'https://api.example.com/v1/orders?full=1',
      ip: '192.0.2.7',
    });
    expect((request as { headers: Headers }).headers.get('x-api-key')).toBe('k');
    expect(options).toEqual({ scopes: ['orders:read'], context: context() });
  });

  it('answers a refusal with its status, challenge and nonce, and does not run the route', async () => {
    const route = jest.fn(() => new Response('in'));
    const { app, protect } = protectBy({ ...REFUSED, dpopNonce: 'n-1' });
    app.get('/', protect(), route);
    const response = await app.request('/');
    expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_token' }]);
    expect(response.headers.get('www-authenticate')).toBe(REFUSED.challenge);
    expect(response.headers.get('dpop-nonce')).toBe('n-1');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(route).not.toHaveBeenCalled();
  });

  it('answers 503 when it cannot be told, without a challenge', async () => {
    const unknown = { ok: false, status: 503, code: 'unavailable', reason: 'keys' } as const;
    const response = await protectBy({ ...unknown, retryAfterSeconds: 2 }).app.request('/orders');
    expect([response.status, await response.json()]).toEqual([
      503,
      { error: 'temporarily_unavailable' },
    ]);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.has('www-authenticate')).toBe(false);
  });

  it('verifies a request once, however many stand in its way, and still asks for each scope', async () => {
    const { protect, verify } = protectBy(ACCEPTED);
    const app = new Hono<CountersignEnv>();
    app.use(protect());
    app.get('/orders', protect('orders:read'), (c) => c.json({}));
    app.get('/refunds', protect('orders:read', 'orders:refund'), (c) => c.json({}));
    expect((await app.request('/orders')).status).toBe(200);
    expect(verify).toHaveBeenCalledTimes(1);
    for (const scheme of ['Bearer', 'DPoP']) {
      const response = await app.request('/refunds', { headers: { authorization: `${scheme} x` } });
      expect([response.status, await response.json()]).toEqual([
        403,
        { error: 'insufficient_scope' },
      ]);
      expect(response.headers.get('www-authenticate')).toBe(
        `${scheme} realm="orders", error="insufficient_scope", scope="orders:read orders:refund"`,
      );
    }
  });

  it('lets in who has the scopes of all that stand in the way, and names them until there', async () => {
    const { protect, verify } = protectBy(ACCEPTED);
    const route = jest.fn(() => new Response('in'));
    const app = new Hono<CountersignEnv>();
    app.use(protect('orders:read'));
    app.get('/orders', protect('orders:read'), protect(), (c) => c.json({}));
    app.get('/refunds', protect(), protect('orders:refund'), protect('orders:audit'), route);
    expect((await app.request('/orders')).status).toBe(200);
    const refused = await app.request('/refunds');
    expect([refused.status, await refused.json()]).toEqual([403, { error: 'insufficient_scope' }]);
    expect(refused.headers.get('www-authenticate')).toContain('scope="orders:read orders:refund"');
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(route).not.toHaveBeenCalled();
    expect(verify.mock.calls.map(([, options]) => options?.scopes)).toEqual([
      ['orders:read'],
      ['orders:read'],
    ]);
  });

  it('verifies a request once that is replaced on its way', async () => {
    const { protect, verify } = protectBy(ACCEPTED);
    const app = new Hono<CountersignEnv>();
    app.use(protect(), bodyLimit({ maxSize: 100 }));
    app.post('/orders', protect('orders:read'), async (c) => c.json(await c.req.json()));
    app.post('/refunds', protect('orders:refund'), (c) => c.json({}));
    // In chunks: of a length that is told, the request is left as it is.
    const chunked = () => ({
      method: 'POST',
      body: new Blob(['{"orders":1}']).stream(),
      duplex: 'half' as const,
    });
    const response = await app.request('/orders', chunked());
    expect([response.status, await response.json()]).toEqual([200, { orders: 1 }]);
    expect(verify).toHaveBeenCalledTimes(1);
    expect((await app.request('/refunds', chunked())).status).toBe(403);
    expect(verify).toHaveBeenCalledTimes(2);
  });

  it('verifies a request once that is handed on to another app', async () => {
    const { app: inner, protect, verify } = protectBy(ACCEPTED);
    const outer = new Hono<CountersignEnv>();
    outer.use(protect());
    outer.all('*', (c) => inner.fetch(c.req.raw));
    const response = await outer.request('/orders');
    expect([response.status, await response.json()]).toEqual([
      200,
      { for: 'nightly export', same: true },
    ]);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('sends the nonce that an accepted proof is answered with', async () => {
    const { app } = protectBy({ ...ACCEPTED, dpopNonce: 'n-2' });
    expect((await app.request('/orders')).headers.get('dpop-nonce')).toBe('n-2');
  });

  it('sends that nonce whoever makes the answer, and leaves the rest of it alone', async () => {
    const { app, protect } = protectBy({ ...ACCEPTED, dpopNonce: 'n-2' });
    app.onError(() => new Response('failed', { status: 500 }));
    app.use(protect());
    app.get('/own', () => new Response('own', { status: 201, headers: { 'x-own': 'yes' } }));
    app.get('/unchangeable', () => Response.redirect('https://orders.example.com/own'));
    app.get('/failed', () => {
      throw new Error('unforeseen');
    });
    app.get('/refunds', protect('orders:refund'), () => new Response('in'));
    for (const [path, status] of [
      ['/own', 201],
      ['/unchangeable', 302],
      ['/failed', 500],
      ['/refunds', 403],
      ['/nowhere', 404],
    ] as const) {
      const response = await app.request(path);
      expect([path, response.status, response.headers.get('dpop-nonce')]).toEqual([
        path,
        status,
        'n-2',
      ]);
    }
    const own = await app.request('/own');
    expect([own.headers.get('x-own'), await own.text()]).toEqual(['yes', 'own']);
  });

  it('leaves an answer alone that switches protocols', async () => {
    const { app, protect } = protectBy({ ...ACCEPTED, dpopNonce: 'n-2' });
    // Only a runtime can make one.
    const upgrade = Object.defineProperty(new Response(), 'status', { value: 101 });
    app.get('/socket', protect(), () => upgrade);
    expect(await app.request('/socket')).toBe(upgrade);
  });

  it('lets nobody in when the verifier fails', async () => {
    const { app } = protectBy(new Error('unforeseen'));
    app.onError((_, c) => c.body(null, 500));
    expect((await app.request('/orders')).status).toBe(500);
  });
});
