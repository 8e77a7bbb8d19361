import { createBackend } from './create-backend.js';
import { createOrdersVerifier } from './create-orders-verifier.js';

const verifier = createOrdersVerifier();
const app = await createBackend(verifier);
app.addHook('onClose', () => verifier.close());
const url = await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' });
console.log(`listening on ${url}`);
process.once('SIGTERM', () => void app.close());
