import type { ApiKey, ApiKeyStatus, ListApiKeys, Page } from '@countersign/contracts';
import { ApiKeyEntity, listPage } from '@countersign/persistence';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { reachOf } from '../reach.js';
import { toApiKey } from './to-api-key.js';
import { versionsOfEach } from './versions-of.js';

/** A page of the keys within the caller's reach, newest first. */
export async function findKeys(
  manager: EntityManager,
  caller: Caller,
  query: ListApiKeys,
): Promise<Page<ApiKey>> {
  const now = new Date();
  const found = manager.createQueryBuilder(ApiKeyEntity, 'key');
  const reach = reachOf(caller);
  if (reach !== null) found.andWhere(OF_ORGANIZATION('reach'), { reach });
  const { organization_id: organizationId, principal_id: principalId } = query;
  if (organizationId !== undefined) {
    found.andWhere(OF_ORGANIZATION('organizationId'), { organizationId });
  }
  if (principalId !== undefined) found.andWhere('key.principalId = :principalId', { principalId });
  const { environment, name, status } = query;
  if (environment !== undefined) found.andWhere('key.environment = :environment', { environment });
  if (name !== undefined) found.andWhere('key.name = :name', { name });
  if (status !== undefined) filterByStatus(found, status, now);

  const { rows, nextCursor } = await listPage(found, 'id', query);
  const ids = rows.map(({ id }) => id);
  const versions = await versionsOfEach(manager, ids);
  return {
    data: rows.map((row) => toApiKey(row, versions.get(row.id) ?? [], now)),
    next_cursor: nextCursor,
  };
}

const OF_ORGANIZATION = (parameter: string) =>
  `key.principalId IN (SELECT p.id FROM principals p WHERE p.organization_id = :${parameter})`;

/** As `keyStatus` shows it. */
function filterByStatus(
  found: SelectQueryBuilder<ApiKeyEntity>,
  status: ApiKeyStatus,
  now: Date,
): void {
  if (status === 'expired') {
    found.andWhere(`key.status <> 'revoked' AND key.expiresAt <= :now`, { now });
    return;
  }
  found.andWhere('key.status = :status', { status });
  if (status !== 'revoked') {
    found.andWhere('(key.expiresAt IS NULL OR key.expiresAt > :now)', { now });
  }
}
