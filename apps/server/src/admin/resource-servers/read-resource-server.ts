import type { ResourceServer } from '@countersign/contracts';
import { ResourceServerEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { actingPrincipals } from './acting-principals.js';
import { toResourceServer } from './to-resource-server.js';

/** One resource server. @throws {ProblemException} `not_found` */
export async function readResourceServer(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<ResourceServer> {
  const row = await manager.findOneBy(ResourceServerEntity, { id });
  if (row === null) throw notFound('resource server');
  const acting = await actingPrincipals(manager, caller, [id]);
  return toResourceServer(row, acting.get(id) ?? []);
}
