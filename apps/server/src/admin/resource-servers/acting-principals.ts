import { ResourceServerPrincipalEntity } from '@countersign/persistence';
import { type EntityManager, In } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { reachOf } from '../reach.js';

/** Who acts for each of these resource servers, as far as the caller's reach goes. */
export async function actingPrincipals(
  manager: EntityManager,
  caller: Caller,
  resourceServerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const reach = reachOf(caller);
  const found = await manager.find(ResourceServerPrincipalEntity, {
    where: {
      resourceServerId: In([...resourceServerIds]),
      ...(reach !== null && { principal: { organizationId: reach } }),
    },
  });
  const ids = new Map<string, string[]>(resourceServerIds.map((id) => [id, []]));
  for (const { resourceServerId, principalId } of found)
    ids.get(resourceServerId)?.push(principalId);
  return ids;
}
