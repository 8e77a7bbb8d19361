import type { ListResourceServers, Page, ResourceServer } from '@countersign/contracts';
import { listPage, ResourceServerEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { actingPrincipals } from './acting-principals.js';
import { toResourceServer } from './to-resource-server.js';

/** A page of the resource servers, newest first. */
export async function findResourceServers(
  manager: EntityManager,
  caller: Caller,
  query: ListResourceServers,
): Promise<Page<ResourceServer>> {
  const found = manager.createQueryBuilder(ResourceServerEntity, 'server');
  const { audience } = query;
  if (audience !== undefined) found.andWhere('server.audience = :audience', { audience });
  const { rows, nextCursor } = await listPage(found, 'id', query);
  const ids = rows.map(({ id }) => id);
  const acting = await actingPrincipals(manager, caller, ids);
  return {
    data: rows.map((row) => toResourceServer(row, acting.get(row.id) ?? [])),
    next_cursor: nextCursor,
  };
}
