import { satisfiesScope } from '@countersign/contracts';
import { rootOf, type VerifiedCredential } from '@countersign/core';

/** Whose something is that may be revoked. */
export interface Owner {
  readonly principalId: string;
  readonly organizationId: string | null;
}

/**
 * Whether a caller may revoke what is `owner`'s: it is its own principal's, or within its reach where
 * it may write keys.
 * @see RFC 7009 §2.1
 */
export function mayRevoke(caller: VerifiedCredential, owner: Owner): boolean {
  const callers = ownerOf(caller);
  if (callers.principalId === owner.principalId) return true;
  const { organizationId } = callers;
  const withinReach = organizationId === null || organizationId === owner.organizationId;
  return withinReach && satisfiesScope(caller.principal.scopes, 'countersign:keys:write');
}

export function ownerOf(credential: VerifiedCredential): Owner {
  return rootOf(credential).state;
}
