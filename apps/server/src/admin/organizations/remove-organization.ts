import {
  type ChangeTransaction,
  OrganizationEntity,
  PrincipalEntity,
} from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { ProblemException } from '../../http/problem.js';
import { lockOrganization } from './lock-organization.js';
import { revokedByOrganizationChange } from './revoked-by-organization-change.js';
import { toOrganization } from './to-organization.js';

/** Deletes an organization. @throws {ProblemException} `in_use` while it has principals */
export async function removeOrganization(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
): Promise<void> {
  const row = await lockOrganization(tx.manager, caller, id);
  if (await tx.manager.existsBy(PrincipalEntity, { organizationId: id })) {
    throw new ProblemException('in_use', 'The organization still has principals.');
  }
  await tx.manager.delete(OrganizationEntity, { id });
  tx.audit({
    action: 'organization.deleted',
    resourceType: 'organization',
    resourceId: id,
    organizationId: id,
    before: toOrganization(row),
    after: null,
  });
  tx.changed('organization', id);
  for (const revoked of revokedByOrganizationChange(row, null)) tx.revoked(revoked);
}
