import type { FederatedIdentity } from '@countersign/contracts';
import { FederatedIdentityEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { requireUnlimited } from '../reach.js';
import { toFederatedIdentity } from './to-federated-identity.js';

/** One identity. @throws {ProblemException} `not_permitted` or `not_found` */
export async function readFederatedIdentity(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<FederatedIdentity> {
  requireUnlimited(caller);
  const row = await manager.findOneBy(FederatedIdentityEntity, { id });
  if (row === null) throw notFound('federated identity');
  return toFederatedIdentity(row);
}
