import type { ListTrustedIssuers, Page, TrustedIssuer } from '@countersign/contracts';
import { listPage, TrustedIssuerEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { requireUnlimited } from '../reach.js';
import { toTrustedIssuer } from './to-trusted-issuer.js';

/** A page of the trusted issuers, newest first. @throws {ProblemException} `not_permitted` */
export async function findTrustedIssuers(
  manager: EntityManager,
  caller: Caller,
  query: ListTrustedIssuers,
): Promise<Page<TrustedIssuer>> {
  requireUnlimited(caller);
  const found = manager.createQueryBuilder(TrustedIssuerEntity, 'trusted');
  const { issuer, status } = query;
  if (issuer !== undefined) found.andWhere('trusted.issuer = :issuer', { issuer });
  if (status !== undefined) found.andWhere('trusted.status = :status', { status });
  const { rows, nextCursor } = await listPage(found, 'id', query);
  return { data: rows.map(toTrustedIssuer), next_cursor: nextCursor };
}
