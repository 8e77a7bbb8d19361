import type { Organization } from '@countersign/contracts';
import { OrganizationEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';
import { toOrganization } from './to-organization.js';

/** One organization. @throws {ProblemException} `not_found` */
export async function readOrganization(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<Organization> {
  const row = isWithinReach(caller, id)
    ? await manager.findOneBy(OrganizationEntity, { id })
    : null;
  if (row === null) throw notFound('organization');
  return toOrganization(row);
}
