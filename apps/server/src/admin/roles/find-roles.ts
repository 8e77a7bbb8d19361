import type { ListRoles, Page, Role } from '@countersign/contracts';
import { listPage, RoleEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import { toRole } from './to-role.js';

/** A page of the roles, newest first; they are the same for every organization. */
export async function findRoles(manager: EntityManager, query: ListRoles): Promise<Page<Role>> {
  const found = manager.createQueryBuilder(RoleEntity, 'role');
  const { name } = query;
  if (name !== undefined) found.andWhere('role.name = :name', { name });
  const { rows, nextCursor } = await listPage(found, 'id', query);
  return { data: rows.map(toRole), next_cursor: nextCursor };
}
