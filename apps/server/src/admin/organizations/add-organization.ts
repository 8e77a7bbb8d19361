import type { CreateOrganization, Organization } from '@countersign/contracts';
import { type ChangeTransaction, OrganizationEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { newId } from '../new-id.js';
import { requireUnlimited } from '../reach.js';
import { insertRow } from '../store-row.js';
import { toOrganization } from './to-organization.js';

/** Creates an organization. Only for callers that are not limited to one. */
export async function addOrganization(
  tx: ChangeTransaction,
  caller: Caller,
  body: CreateOrganization,
): Promise<Created<Organization>> {
  requireUnlimited(caller);
  const row: OrganizationEntity = {
    id: newId('organization', tx.now),
    name: body.name,
    status: 'active',
    metadata: body.metadata,
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  await insertRow(tx.manager, OrganizationEntity, row);
  const after = toOrganization(row);
  tx.audit({
    action: 'organization.created',
    resourceType: 'organization',
    resourceId: row.id,
    organizationId: row.id,
    before: null,
    after,
  });
  return new Created(`/v1/organizations/${row.id}`, after);
}
