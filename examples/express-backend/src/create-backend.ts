import type { Verifier } from '@countersign/client';
import { countersign, principalOf } from '@countersign/express';
import express, { type Express } from 'express';

/** A backend with a route for everybody and two for who may. */
export function createBackend(verifier: Verifier): Express {
  const app = express();
  app.disable('x-powered-by');
  const protect = countersign(verifier);

  app.get('/health', (_, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/orders', protect('orders:read'), (request, response) => {
    response.json({ orders: [], for: principalOf(request).name });
  });
  app.post('/refunds', protect('orders:refund'), (request, response) => {
    response.status(201).json({ refunded: true, by: principalOf(request).name });
  });
  return app;
}
