import { PrincipalEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';

/**
 * The row of a principal, locked until the transaction ends.
 * @param mode `for_key_share` only keeps it from being deleted
 * @throws {ProblemException} `not_found`, also for what is out of the caller's reach
 */
export async function lockPrincipal(
  manager: EntityManager,
  caller: Caller,
  id: string,
  mode: 'pessimistic_write' | 'for_key_share',
): Promise<PrincipalEntity> {
  const row = await manager.findOne(PrincipalEntity, { where: { id }, lock: { mode } });
  if (row === null || !isWithinReach(caller, row.organizationId)) throw notFound('principal');
  return row;
}
