import type { PrincipalResource } from '@countersign/contracts';
import { PrincipalEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';
import { rolesOf } from './roles-of.js';
import { toPrincipal } from './to-principal.js';

/** One principal. @throws {ProblemException} `not_found` */
export async function readPrincipal(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<PrincipalResource> {
  const row = await manager.findOneBy(PrincipalEntity, { id });
  if (row === null || !isWithinReach(caller, row.organizationId)) throw notFound('principal');
  return toPrincipal(row, await rolesOf(manager, id));
}
