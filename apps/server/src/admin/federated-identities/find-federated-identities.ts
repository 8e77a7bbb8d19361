import type { FederatedIdentity, ListFederatedIdentities, Page } from '@countersign/contracts';
import { FederatedIdentityEntity, listPage } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { requireUnlimited } from '../reach.js';
import { toFederatedIdentity } from './to-federated-identity.js';

/** A page of the identities, newest first. @throws {ProblemException} `not_permitted` */
export async function findFederatedIdentities(
  manager: EntityManager,
  caller: Caller,
  query: ListFederatedIdentities,
): Promise<Page<FederatedIdentity>> {
  requireUnlimited(caller);
  const found = manager.createQueryBuilder(FederatedIdentityEntity, 'identity');
  const { trusted_issuer_id: trustedIssuerId, principal_id: principalId, status } = query;
  if (trustedIssuerId !== undefined) {
    found.andWhere('identity.trustedIssuerId = :trustedIssuerId', { trustedIssuerId });
  }
  if (principalId !== undefined) {
    found.andWhere('identity.principalId = :principalId', { principalId });
  }
  if (status !== undefined) found.andWhere('identity.status = :status', { status });
  const { rows, nextCursor } = await listPage(found, 'id', query);
  return { data: rows.map(toFederatedIdentity), next_cursor: nextCursor };
}
