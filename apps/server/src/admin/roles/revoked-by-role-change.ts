import type { RevokedByChange, RoleEntity } from '@countersign/persistence';
import { isNarrowed } from '../is-narrowed.js';

type RoleGrants = Pick<RoleEntity, 'name' | 'scopes'>;

/**
 * What a change of a role takes from whoever holds it; nothing where it only adds. Never final: they may
 * hold more than the role.
 * @param after null: the role is deleted
 */
export function revokedByRoleChange(
  { name, scopes }: RoleGrants,
  after: Pick<RoleGrants, 'scopes'> | null,
): RevokedByChange[] {
  if (after !== null && !isNarrowed(scopes, after.scopes)) return [];
  return [{ type: 'role', id: name, final: false, organizationId: null }];
}
