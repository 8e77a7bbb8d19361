import { isDeepStrictEqual } from 'node:util';
import type { RevokedByChange, TrustedIssuerEntity } from '@countersign/persistence';
import { isLimitNarrowed } from '../is-limit-narrowed.js';
import { isNarrowed } from '../is-narrowed.js';

/** How far an issuer is trusted. */
export type Trust = Pick<
  TrustedIssuerEntity,
  | 'id'
  | 'organizationId'
  | 'status'
  | 'jwks'
  | 'jwksUri'
  | 'discovery'
  | 'algorithms'
  | 'audienceClaim'
  | 'audiences'
  | 'targetAudiences'
  | 'scopes'
  | 'mapping'
>;

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
    before.jwksUri !== after.jwksUri ||
    areKeysNarrowed(before.jwks, after.jwks) ||
    before.discovery !== after.discovery ||
    before.audienceClaim !== after.audienceClaim ||
    !isDeepStrictEqual(before.mapping, after.mapping) ||
    isNarrowed(before.algorithms, after.algorithms) ||
    isNarrowed(before.audiences, after.audiences) ||
    isNarrowed(before.scopes, after.scopes) ||
    areTargetsNarrowed(before.targetAudiences, after.targetAudiences)
  );
}

/** null: they are fetched. */
function areKeysNarrowed(before: Trust['jwks'], after: Trust['jwks']): boolean {
  if (before === null || after === null) return before !== after;
  return !before.keys.every((jwk) => after.keys.some((kept) => isDeepStrictEqual(kept, jwk)));
}

/** null: those that the token names, which may be any. */
function areTargetsNarrowed(before: string[] | null, after: string[] | null): boolean {
  if (before === null || after === null) return before !== after && after?.length !== 0;
  return isLimitNarrowed(before, after);
}
