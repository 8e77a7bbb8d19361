import type { RevokedByChange } from '@countersign/persistence';
import { isNarrowed } from '../is-narrowed.js';
import type { PrincipalGrants } from './grants-of.js';

/**
 * What a change of a principal takes from its tokens, and from those that it acts by; nothing where it
 * only adds.
 * @param after null: the principal is deleted
 */
export function revokedByPrincipalChange(
  before: PrincipalGrants,
  after: PrincipalGrants | null,
): RevokedByChange[] {
  const { id, organizationId } = before;
  const revoked = { type: 'principal', id, organizationId } as const;
  if (after === null) return [{ ...revoked, final: true }];
  const isLess =
    (before.status === 'active' && after.status === 'disabled') ||
    isNarrowed(grantedBy(before), grantedBy(after)) ||
    isNarrowed(namesOf(before), namesOf(after)) ||
    isNarrowed(before.actorIds, after.actorIds);
  return isLess ? [{ ...revoked, final: false }] : [];
}

function grantedBy({ scopes, roles }: PrincipalGrants): string[] {
  return [...scopes, ...roles.flatMap((role) => role.scopes)];
}

function namesOf({ roles }: PrincipalGrants): string[] {
  return roles.map(({ name }) => name);
}
