import type { Role } from '@countersign/contracts';
import { RoleEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import { notFound } from '../../http/problem.js';
import { toRole } from './to-role.js';

/** One role; roles are the same for every organization. @throws {ProblemException} `not_found` */
export async function readRole(manager: EntityManager, id: string): Promise<Role> {
  const row = await manager.findOneBy(RoleEntity, { id });
  if (row === null) throw notFound('role');
  return toRole(row);
}
