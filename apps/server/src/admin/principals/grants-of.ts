import type { PrincipalEntity, RoleEntity } from '@countersign/persistence';

/** What a principal is granted, and who may act for it. */
export interface PrincipalGrants
  extends Pick<PrincipalEntity, 'id' | 'organizationId' | 'status' | 'scopes' | 'actorIds'> {
  readonly roles: readonly Pick<RoleEntity, 'name' | 'scopes'>[];
}

/** The grants that the row has now; what becomes of the row does not change them. */
export function grantsOf(
  { id, organizationId, status, scopes, actorIds }: PrincipalEntity,
  roles: PrincipalGrants['roles'],
): PrincipalGrants {
  return { id, organizationId, status, scopes, actorIds, roles };
}
