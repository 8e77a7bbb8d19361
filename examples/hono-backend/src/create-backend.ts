import type { Verifier } from '@countersign/client';
import { type CountersignEnv, countersign } from '@countersign/hono';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';

/** A backend with a route for everybody and two for who may. */
export function createBackend(verifier: Verifier): Hono<CountersignEnv> {
  const app = new Hono<CountersignEnv>();
  // A web-standard request does not know where it came from; the runtime does.
  const protect = countersign(verifier, { ip: (c) => getConnInfo(c).remote.address });

  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/orders', protect('orders:read'), (c) =>
    c.json({ orders: [], for: c.get('principal').name }),
  );
  app.post('/refunds', protect('orders:refund'), (c) =>
    c.json({ refunded: true, by: c.get('principal').name }, 201),
  );
  return app;
}
