import { FederatedIdentityEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { requireUnlimited } from '../reach.js';

/**
 * The row of an identity, locked until the transaction ends.
 * @throws {ProblemException} `not_permitted` or `not_found`
 */
export async function lockFederatedIdentity(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<FederatedIdentityEntity> {
  requireUnlimited(caller);
  const lock = { mode: 'pessimistic_write' } as const;
  const row = await manager.findOne(FederatedIdentityEntity, { where: { id }, lock });
  if (row === null) throw notFound('federated identity');
  return row;
}
