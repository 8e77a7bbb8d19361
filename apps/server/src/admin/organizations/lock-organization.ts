import { OrganizationEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';

/**
 * The row of an organization, locked until the transaction ends.
 * @throws {ProblemException} `not_found`, also for what is out of the caller's reach
 */
export async function lockOrganization(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<OrganizationEntity> {
  const lock = { mode: 'pessimistic_write' } as const;
  const row = isWithinReach(caller, id)
    ? await manager.findOne(OrganizationEntity, { where: { id }, lock })
    : null;
  if (row === null) throw notFound('organization');
  return row;
}
