import { ADMIN_SCOPE } from '@countersign/contracts';
import { type PrincipalState, rootOf, type VerifiedCredential } from '@countersign/core';

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
  const { actsFor, organizationId } = stateOf(caller);
  if (audiences.some((audience) => actsFor.includes(audience))) return true;
  const { scopes } = caller.principal;
  if (!scopes.includes('countersign:introspect:any') && !scopes.includes(ADMIN_SCOPE)) return false;
  return organizationId === null || organizationId === stateOf(credential).organizationId;
}

/** The state of what a credential is or comes from. */
function stateOf(credential: VerifiedCredential): PrincipalState {
  return rootOf(credential).state;
}
