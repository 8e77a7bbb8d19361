import { PrincipalEntity } from '@countersign/persistence';
import { type EntityManager, In } from 'typeorm';
import { validationFailed } from '../../http/problem.js';

/**
 * Holds these principals fast against deletion until the transaction ends.
 * @throws {ProblemException} `validation_failed` for each that does not exist
 */
export async function requirePrincipals(
  manager: EntityManager,
  ids: readonly string[],
): Promise<void> {
  const found = await manager.find(PrincipalEntity, {
    select: { id: true },
    where: { id: In([...ids]) },
    order: { id: 'ASC' },
    lock: { mode: 'for_key_share' },
  });
  const known = new Set(found.map(({ id }) => id));
  const errors = ids.flatMap((id, index) =>
    known.has(id)
      ? []
      : [{ field: `principal_ids.${index}`, message: 'is not the id of a principal' }],
  );
  if (errors.length > 0) throw validationFailed(errors);
}
