import { TrustedIssuerEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { requireUnlimited } from '../reach.js';

/**
 * The row of a trusted issuer, locked until the transaction ends. Only for callers that are not
 * limited to an organization: it says whose word counts.
 * @throws {ProblemException} `not_permitted` or `not_found`
 */
export async function lockTrustedIssuer(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<TrustedIssuerEntity> {
  requireUnlimited(caller);
  const lock = { mode: 'pessimistic_write' } as const;
  const row = await manager.findOne(TrustedIssuerEntity, { where: { id }, lock });
  if (row === null) throw notFound('trusted issuer');
  return row;
}
