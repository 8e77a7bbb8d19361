import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

// TypeORM's own types of what may be stored recurse for ever over a column of free-form JSON.

/** Inserts a whole row. */
export async function insertRow<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  row: Row,
): Promise<void> {
  await manager.insert<ObjectLiteral>(entity, row);
}

/** Updates only the columns of `change` in the rows that match `where`. */
export async function updateRows<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  where: Partial<Row>,
  change: Partial<Row>,
): Promise<void> {
  await manager.update<ObjectLiteral>(entity, where, change);
}
