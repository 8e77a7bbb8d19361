import type { Role } from '@countersign/contracts';
import type { RoleEntity } from '@countersign/persistence';
import { sortedSet } from '../sorted-set.js';

/** A role as the admin API shows it. */
export function toRole(row: RoleEntity): Role {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    scopes: sortedSet(row.scopes),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
