import type { Principal, Verifier } from '@countersign/client';
import { ServiceUnavailableException } from '@nestjs/common';
import { authentication } from './authentication.js';

/**
 * What both strategies do with a credential: the same verifier, the same principal. `false` is how
 * passport is told of a rejection. Within the guard the whole request is verified, and the guard
 * answers; within another one (`AuthGuard(BEARER_STRATEGY)`) there is the credential alone, so that one
 * with restrictions, or bound to a key, is not accepted.
 *
 * @throws {ServiceUnavailableException} outside of the guard, when it cannot be told
 */
export async function validateCredential(
  verifier: Verifier,
  credential: string,
): Promise<Principal | false> {
  const current = authentication.getStore();
  const result = await (current?.result() ?? verifier.verify(credential));
  if (result.ok) return result.principal;
  if (current === undefined && result.status === 503) throw new ServiceUnavailableException();
  return false;
}
