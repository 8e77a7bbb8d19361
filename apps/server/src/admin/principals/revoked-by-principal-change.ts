import type { PrincipalEntity, RevokedByChange, RoleEntity } from '@countersign/persistence';
import { isNarrowed } from '../is-narrowed.js';

/** What a principal is granted, and who may act for it. */
export interface PrincipalGrants
  extends Pick<PrincipalEntity, 'id' | 'organizationId' | 'status' | 'scopes' | 'actorIds'> {
  readonly roles: readonly Pick<RoleEntity, 'name' | 'scopes'>[];
}

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
