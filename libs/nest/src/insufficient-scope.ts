import type { Principal, RefusedCredential, Verifier } from '@countersign/client';
import type { PlatformRequest } from './verifiable-request.js';

/**
 * The refusal of a credential that was accepted before, but lacks one of these scopes; undefined when
 * it has them all. @see RFC 6750 §3.1, RFC 9449 §7.1
 */
export function insufficientScope(
  verifier: Verifier,
  { headers }: PlatformRequest,
  principal: Principal,
  scopes: readonly string[],
): RefusedCredential | undefined {
  if (scopes.every((scope) => principal.scopes.includes(scope))) return undefined;
  const scheme = /^DPoP /i.test(headers.authorization ?? '') ? 'DPoP' : 'Bearer';
  return verifier.insufficientScope(scopes, scheme);
}
