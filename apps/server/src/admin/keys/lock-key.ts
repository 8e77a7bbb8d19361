import { ApiKeyEntity, PrincipalEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';

/**
 * The row of a key, locked until the transaction ends, and its principal: that one cannot go before
 * its keys are gone.
 * @throws {ProblemException} `not_found`, also for what is out of the caller's reach
 */
export async function lockKey(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<{ key: ApiKeyEntity; principal: PrincipalEntity }> {
  const lock = { mode: 'pessimistic_write' } as const;
  const key = await manager.findOne(ApiKeyEntity, { where: { id }, lock });
  const principal = key && (await manager.findOneBy(PrincipalEntity, { id: key.principalId }));
  if (!key || !principal || !isWithinReach(caller, principal.organizationId)) throw notFound('key');
  return { key, principal };
}
