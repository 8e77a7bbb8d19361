import { PrincipalEntity } from '@countersign/persistence';
import { type EntityManager, In } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { validationFailed } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';

/**
 * Sees to it that principals which shall act for another are there, and stay there until the
 * transaction ends.
 * @param actorIds all of them
 * @param added those of them that were not permitted before
 * @throws {ProblemException} `validation_failed` for each that is not there, or out of the caller's reach
 */
export async function requireActors(
  manager: EntityManager,
  caller: Caller,
  actorIds: readonly string[],
  added: readonly string[],
): Promise<void> {
  const found = await manager.find(PrincipalEntity, {
    where: { id: In([...added]) },
    order: { id: 'ASC' },
    lock: { mode: 'for_key_share' },
  });
  const reached = found.filter(({ organizationId }) => isWithinReach(caller, organizationId));
  const known = new Set(reached.map(({ id }) => id));
  const errors = actorIds.flatMap((id, index) =>
    !added.includes(id) || known.has(id)
      ? []
      : [{ field: `actor_ids.${index}`, message: 'is not the id of a principal' }],
  );
  if (errors.length > 0) throw validationFailed(errors);
}
