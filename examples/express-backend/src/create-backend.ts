import express, { type Express } from 'express';
import { byIntrospection } from './by-introspection.js';
import { byLocalVerification } from './by-local-verification.js';
import { principalOf, requireScope } from './require-scope.js';

export interface BackendOptions {
  /** Countersign's issuer, which is its URL. */
  readonly issuer: string;
  /** This backend, as Countersign knows it: the audience of a resource server. */
  readonly audience: string;
  /** API key of a principal that acts for that resource server, with `countersign:introspect`. */
  readonly introspectionKey: string;
}

/** A backend with two routes, each protected in another way. */
export function createBackend(options: BackendOptions): Express {
  const app = express();
  app.disable('x-powered-by');

  // Many requests, and a token lives for minutes only: verified here, without a call.
  app.get('/orders', byLocalVerification(options), requireScope('orders:read'), (_, response) => {
    response.json({ orders: [], for: principalOf(response).name });
  });

  // Money moves: asked about each time, so that a revocation counts at once. Takes API keys as well.
  app.post('/refunds', byIntrospection(options), requireScope('orders:refund'), (_, response) => {
    response.status(201).json({ refunded: true, by: principalOf(response).name });
  });

  return app;
}
