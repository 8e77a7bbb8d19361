import { OrganizationEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach, reachOf, requireUnlimited } from '../reach.js';

/**
 * The organization of a new principal, held fast against deletion: the one that was asked for, else
 * the one that the caller is limited to, else none.
 * @throws {ProblemException} `not_found` for one that does not exist or is out of reach
 */
export async function organizationFor(
  manager: EntityManager,
  caller: Caller,
  asked: string | null | undefined,
): Promise<string | null> {
  const id = asked === undefined ? reachOf(caller) : asked;
  if (id === null) {
    requireUnlimited(caller);
    return null;
  }
  const exists =
    isWithinReach(caller, id) &&
    (await manager.findOne(OrganizationEntity, {
      where: { id },
      lock: { mode: 'for_key_share' },
    }));
  if (!exists) throw notFound('organization');
  return id;
}
