import type { PrincipalEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import { sortedSet } from '../sorted-set.js';
import { rolesOf } from './roles-of.js';

/** All that a principal is granted: directly, and by the roles that it holds. */
export async function grantedScopes(
  manager: EntityManager,
  principal: PrincipalEntity,
): Promise<string[]> {
  const roles = await rolesOf(manager, principal.id);
  return sortedSet([...principal.scopes, ...roles.flatMap(({ scopes }) => scopes)]);
}
