import { createVerifier, type StalenessPolicy, type Verifier } from '@countersign/client';

/**
 * The verifier of this backend, from its environment.
 * @throws {Error} when a variable is missing
 */
export function createOrdersVerifier(): Verifier {
  const { COUNTERSIGN_URL, COUNTERSIGN_KEY, STALENESS_POLICY = 'introspect' } = process.env;
  if (!COUNTERSIGN_URL || !COUNTERSIGN_KEY) {
    throw new Error('Set COUNTERSIGN_URL and COUNTERSIGN_KEY; the README says to what.');
  }
  return createVerifier({
    issuer: COUNTERSIGN_URL,
    audience: 'https://orders.example.com',
    credential: COUNTERSIGN_KEY,
    staleness: { policy: STALENESS_POLICY as StalenessPolicy },
    // Over https, or, for trying this out, from one's own machine.
    allowInsecureHttp: 'loopback',
  });
}
