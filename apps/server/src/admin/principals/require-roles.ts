import { RoleEntity } from '@countersign/persistence';
import { type EntityManager, In } from 'typeorm';
import { validationFailed } from '../../http/problem.js';

/**
 * The roles with these names, held fast against deletion until the transaction ends.
 * @throws {ProblemException} `validation_failed` for each name that no role has
 */
export async function requireRoles(
  manager: EntityManager,
  names: readonly string[],
): Promise<readonly RoleEntity[]> {
  const roles = await manager.find(RoleEntity, {
    where: { name: In([...names]) },
    order: { id: 'ASC' },
    lock: { mode: 'for_key_share' },
  });
  const known = new Set(roles.map(({ name }) => name));
  const errors = names.flatMap((name, index) =>
    known.has(name) ? [] : [{ field: `roles.${index}`, message: 'is not the name of a role' }],
  );
  if (errors.length > 0) throw validationFailed(errors);
  return roles;
}
