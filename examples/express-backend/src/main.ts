import type { AddressInfo } from 'node:net';
import { createBackend } from './create-backend.js';

const { COUNTERSIGN_URL, COUNTERSIGN_KEY, PORT = '3000' } = process.env;
if (!COUNTERSIGN_URL || !COUNTERSIGN_KEY) {
  console.error('Set COUNTERSIGN_URL and COUNTERSIGN_KEY; the README says to what.');
  process.exit(2);
}

const app = createBackend({
  issuer: COUNTERSIGN_URL,
  audience: 'https://orders.example.com',
  introspectionKey: COUNTERSIGN_KEY,
});
const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => server.close());
