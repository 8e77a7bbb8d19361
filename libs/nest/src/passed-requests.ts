import type { AcceptedCredential, Verifier } from '@countersign/client';
import type { PlatformRequest } from './verifiable-request.js';

const byVerifier = new WeakMap<Verifier, WeakMap<PlatformRequest, AcceptedCredential>>();

/**
 * The requests that this verifier has let pass, and as whom. Not a guard's own: Nest makes a guard for
 * each module that uses one, and a proof (RFC 9449) is good for one of them only.
 */
export function passedRequests(verifier: Verifier): WeakMap<PlatformRequest, AcceptedCredential> {
  let passed = byVerifier.get(verifier);
  if (passed === undefined) {
    passed = new WeakMap();
    byVerifier.set(verifier, passed);
  }
  return passed;
}
