import { ADMIN_SCOPE } from '@countersign/contracts';
import { rootOf, type VerifiedCredential } from '@countersign/core';

/**
 * Whether a caller may learn about any credential of an organization, whatever it is for: by its
 * scopes, and all organizations unless it is limited to one.
 * @param organizationId null: of none; undefined: that is not known
 */
export function canSeeAny(
  caller: VerifiedCredential,
  organizationId: string | null | undefined,
): boolean {
  const { scopes } = caller.principal;
  if (!scopes.includes('countersign:introspect:any') && !scopes.includes(ADMIN_SCOPE)) return false;
  const { organizationId: own } = rootOf(caller).state;
  return own === null || own === organizationId;
}
