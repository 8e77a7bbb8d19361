import type { Verifier } from '@countersign/client';
import { countersign, principalOf } from '@countersign/fastify';
import fastify, { type FastifyInstance } from 'fastify';

/** A backend with a route for everybody and two for who may. */
export async function createBackend(verifier: Verifier): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(countersign, { verifier });

  app.get('/health', { config: { public: true } }, () => ({ status: 'ok' }));
  app.get('/orders', { config: { scopes: ['orders:read'] } }, (request) => ({
    orders: [],
    for: principalOf(request).name,
  }));
  app.post('/refunds', { config: { scopes: ['orders:refund'] } }, (request, reply) => {
    void reply.code(201);
    return { refunded: true, by: principalOf(request).name };
  });
  return app;
}
