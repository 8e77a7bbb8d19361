import { PrincipalRoleEntity, type RoleEntity } from '@countersign/persistence';
import { type EntityManager, In } from 'typeorm';

/** The roles that each of these principals holds. */
export async function rolesOfEach(
  manager: EntityManager,
  principalIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RoleEntity[]>> {
  const held = await manager.find(PrincipalRoleEntity, {
    where: { principalId: In([...principalIds]) },
    relations: { role: true },
  });
  const roles = new Map<string, RoleEntity[]>(principalIds.map((id) => [id, []]));
  for (const { principalId, role } of held) if (role) roles.get(principalId)?.push(role);
  return roles;
}

/** The roles that a principal holds. */
export async function rolesOf(
  manager: EntityManager,
  principalId: string,
): Promise<readonly RoleEntity[]> {
  return (await rolesOfEach(manager, [principalId])).get(principalId) ?? [];
}
