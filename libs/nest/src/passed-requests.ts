import type { Principal, Verifier } from '@countersign/client';
import type { PlatformRequest } from './verifiable-request.js';

/** What a request was let pass as, and all that has been asked of it so far. */
export interface Passed {
  readonly principal: Principal;
  readonly scopes: readonly string[];
}

const byVerifier = new WeakMap<Verifier, WeakMap<PlatformRequest, Passed>>();

/**
 * The requests that this verifier has let pass, and as whom. Not a guard's own: Nest makes a guard for
 * each module that uses one, and a proof (RFC 9449) is good for one of them only.
 */
export function passedRequests(verifier: Verifier): WeakMap<PlatformRequest, Passed> {
  let passed = byVerifier.get(verifier);
  if (passed === undefined) {
    passed = new WeakMap();
    byVerifier.set(verifier, passed);
  }
  return passed;
}
