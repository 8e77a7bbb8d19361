import type { AddressInfo } from 'node:net';
import { createBackend } from './create-backend.js';
import { createOrdersVerifier } from './create-orders-verifier.js';

const verifier = createOrdersVerifier();
const server = createBackend(verifier).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
server.once('listening', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  server.close(() => void verifier.close());
});
