import { RoleEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { requireUnlimited } from '../reach.js';

/**
 * The row of a role, locked until the transaction ends. Only for callers that are not limited to an
 * organization: a role counts in all of them.
 * @throws {ProblemException} `not_permitted` or `not_found`
 */
export async function lockRole(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<RoleEntity> {
  requireUnlimited(caller);
  const lock = { mode: 'pessimistic_write' } as const;
  const row = await manager.findOne(RoleEntity, { where: { id }, lock });
  if (row === null) throw notFound('role');
  return row;
}
