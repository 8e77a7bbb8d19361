import type { ApiKey } from '@countersign/contracts';
import { ApiKeyEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';
import { toApiKey } from './to-api-key.js';
import { versionsOf } from './versions-of.js';

/** One key. @throws {ProblemException} `not_found` */
export async function readKey(manager: EntityManager, caller: Caller, id: string): Promise<ApiKey> {
  const row = await manager.findOne(ApiKeyEntity, {
    where: { id },
    relations: { principal: true },
  });
  if (!row?.principal || !isWithinReach(caller, row.principal.organizationId))
    throw notFound('key');
  return toApiKey(row, await versionsOf(manager, id), new Date());
}
