import { SigningKeyEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import { notFound } from '../../http/problem.js';

/** The row of a signing key, without its private part. @throws {ProblemException} `not_found` */
export async function findSigningKey(
  manager: EntityManager,
  kid: string,
): Promise<SigningKeyEntity> {
  const row = await manager.findOneBy(SigningKeyEntity, { kid });
  if (row === null) throw notFound('signing key');
  return row;
}
