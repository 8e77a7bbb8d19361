import type { ListPrincipals, Page, PrincipalResource } from '@countersign/contracts';
import { listPage, PrincipalEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { reachOf } from '../reach.js';
import { rolesOfEach } from './roles-of.js';
import { toPrincipal } from './to-principal.js';

/** A page of the principals within the caller's reach, newest first. */
export async function findPrincipals(
  manager: EntityManager,
  caller: Caller,
  query: ListPrincipals,
): Promise<Page<PrincipalResource>> {
  const found = manager.createQueryBuilder(PrincipalEntity, 'principal');
  const reach = reachOf(caller);
  if (reach !== null) found.andWhere('principal.organizationId = :reach', { reach });
  const { organization_id: organizationId, external_id: externalId, type, status } = query;
  if (organizationId !== undefined) {
    found.andWhere('principal.organizationId = :organizationId', { organizationId });
  }
  if (externalId !== undefined)
    found.andWhere('principal.externalId = :externalId', { externalId });
  if (type !== undefined) found.andWhere('principal.type = :type', { type });
  if (status !== undefined) found.andWhere('principal.status = :status', { status });

  const { rows, nextCursor } = await listPage(found, 'id', query);
  const ids = rows.map(({ id }) => id);
  const roles = await rolesOfEach(manager, ids);
  return {
    data: rows.map((row) => toPrincipal(row, roles.get(row.id) ?? [])),
    next_cursor: nextCursor,
  };
}
