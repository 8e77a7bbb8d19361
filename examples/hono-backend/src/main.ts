import { serve } from '@hono/node-server';
import { createBackend } from './create-backend.js';
import { createOrdersVerifier } from './create-orders-verifier.js';

const verifier = createOrdersVerifier();
const { fetch } = createBackend(verifier);
const port = Number(process.env['PORT'] ?? 3000);
const server = serve({ fetch, port, hostname: '127.0.0.1' }, (address) => {
  console.log(`listening on http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => {
  server.close(() => void verifier.close());
});
