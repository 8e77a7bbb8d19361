import { rootOf, type VerifiedCredential } from '@countersign/core';
import { canSeeAny } from './can-see-any.js';

/**
 * Whether an introspecting caller may learn about a credential: one without an audience restriction,
 * one for a resource server that the caller's principal acts for, or any, where it has that scope.
 * A caller that is limited to an organization has it for that organization's credentials.
 * @param issuer a token for the issuer itself is restricted to nobody else
 * @see RFC 7662 §2.2, on answers that differ by protected resource
 */
export function canSee(
  caller: VerifiedCredential,
  credential: VerifiedCredential,
  issuer: string,
): boolean {
  const { audiences } = credential;
  if (audiences.length === 0 || audiences.includes(issuer)) return true;
  const { actsFor } = rootOf(caller).state;
  if (audiences.some((audience) => actsFor.includes(audience))) return true;
  return canSeeAny(caller, rootOf(credential).state.organizationId);
}
