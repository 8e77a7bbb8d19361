import type { RevokedByChange, TrustedIssuerEntity } from '@countersign/persistence';
import { isNarrowed } from '../is-narrowed.js';
import { isWordTakenBack, type WordTaken } from './is-word-taken-back.js';

/** How far an issuer is trusted. */
export type Trust = WordTaken &
  Pick<TrustedIssuerEntity, 'id' | 'organizationId' | 'status' | 'scopes'>;

/**
 * What a change of trust takes from what was derived from the issuer's tokens; nothing where it only
 * adds. Whoever puts other keys or another mapping in does not trust what was said by the old ones.
 * @param after null: the issuer is trusted no more, and its identities are deleted
 */
export function revokedByTrustChange(before: Trust, after: Trust | null): RevokedByChange[] {
  const { id, organizationId } = before;
  const revoked = { type: 'credential', id, organizationId } as const;
  if (after === null) return [{ ...revoked, final: true }];
  return isTrustNarrowed(before, after) ? [{ ...revoked, final: false }] : [];
}

function isTrustNarrowed(before: Trust, after: Trust): boolean {
  return (
    (before.status === 'active' && after.status === 'disabled') ||
    isNarrowed(before.scopes, after.scopes) ||
    isWordTakenBack(before, after)
  );
}
