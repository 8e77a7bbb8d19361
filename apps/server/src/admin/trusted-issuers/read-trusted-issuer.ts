import type { TrustedIssuer } from '@countersign/contracts';
import { TrustedIssuerEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { requireUnlimited } from '../reach.js';
import { toTrustedIssuer } from './to-trusted-issuer.js';

/** One trusted issuer. @throws {ProblemException} `not_permitted` or `not_found` */
export async function readTrustedIssuer(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<TrustedIssuer> {
  requireUnlimited(caller);
  const row = await manager.findOneBy(TrustedIssuerEntity, { id });
  if (row === null) throw notFound('trusted issuer');
  return toTrustedIssuer(row);
}
