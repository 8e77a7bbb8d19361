import type { PrincipalResource } from '@countersign/contracts';
import type { PrincipalEntity, RoleEntity } from '@countersign/persistence';
import { sortedSet } from '../sorted-set.js';

/** A principal as the admin API shows it, with the roles that it holds. */
export function toPrincipal(row: PrincipalEntity, roles: readonly RoleEntity[]): PrincipalResource {
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    organization_id: row.organizationId,
    external_id: row.externalId,
    scopes: sortedSet(row.scopes),
    roles: sortedSet(roles.map(({ name }) => name)),
    actor_ids: sortedSet(row.actorIds),
    metadata: row.metadata,
    status: row.status,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
