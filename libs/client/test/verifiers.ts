import { afterEach } from '@jest/globals';
import { createVerifier } from '../src/create-verifier.js';
import type { TestIssuer } from '../src/testing/create-test-issuer.js';
import type { Verifier } from '../src/verifier.js';
import type { VerifierOptions } from '../src/verifier-options.js';

const open: Verifier[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((verifier) => verifier.close()));
});

/** A verifier that is closed after the test. */
export function verifierOf(
  { verifierOptions }: TestIssuer,
  options: Partial<VerifierOptions> = {},
): Verifier {
  const verifier = createVerifier({ ...verifierOptions, ...options });
  open.push(verifier);
  return verifier;
}

/** What connects to a test issuer over HTTP on this machine. */
export const OVER_HTTP: Partial<VerifierOptions> = {
  allowInsecureHttp: 'loopback',
  fetch: (url, init) => fetch(url, init),
};
