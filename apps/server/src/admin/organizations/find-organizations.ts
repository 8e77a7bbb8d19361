import type { ListOrganizations, Organization, Page } from '@countersign/contracts';
import { listPage, OrganizationEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { reachOf } from '../reach.js';
import { toOrganization } from './to-organization.js';

/** A page of the organizations within the caller's reach, newest first. */
export async function findOrganizations(
  manager: EntityManager,
  caller: Caller,
  query: ListOrganizations,
): Promise<Page<Organization>> {
  const found = manager.createQueryBuilder(OrganizationEntity, 'organization');
  const reach = reachOf(caller);
  if (reach !== null) found.andWhere('organization.id = :reach', { reach });
  const { status } = query;
  if (status !== undefined) found.andWhere('organization.status = :status', { status });
  const { rows, nextCursor } = await listPage(found, 'id', query);
  return { data: rows.map(toOrganization), next_cursor: nextCursor };
}
