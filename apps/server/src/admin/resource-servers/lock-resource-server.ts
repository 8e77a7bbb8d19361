import { ResourceServerEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { requireUnlimited } from '../reach.js';

/**
 * The row of a resource server, locked until the transaction ends. Only for callers that are not
 * limited to an organization: credentials of all of them are accepted there.
 * @throws {ProblemException} `not_permitted` or `not_found`
 */
export async function lockResourceServer(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<ResourceServerEntity> {
  requireUnlimited(caller);
  const lock = { mode: 'pessimistic_write' } as const;
  const row = await manager.findOne(ResourceServerEntity, { where: { id }, lock });
  if (row === null) throw notFound('resource server');
  return row;
}
