import type { Organization, PatchOrganization } from '@countersign/contracts';
import { type ChangeTransaction, OrganizationEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { hasChanged } from '../has-changed.js';
import { mergeMetadata } from '../merge-metadata.js';
import { updateRows } from '../store-row.js';
import { lockOrganization } from './lock-organization.js';
import { revokedByOrganizationChange } from './revoked-by-organization-change.js';
import { toOrganization } from './to-organization.js';

/** Changes an organization; disabling it turns away every credential of its principals. */
export async function changeOrganization(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  patch: PatchOrganization,
): Promise<Organization> {
  const row = await lockOrganization(tx.manager, caller, id);
  const before = toOrganization(row);
  const standingBefore = { id, status: row.status };
  row.name = patch.name ?? row.name;
  row.status = patch.status ?? row.status;
  row.metadata = mergeMetadata(row.metadata, patch.metadata);
  if (!hasChanged(before, toOrganization(row))) return before;

  row.updatedAt = tx.now;
  const { name, status, metadata, updatedAt } = row;
  await updateRows(tx.manager, OrganizationEntity, { id }, { name, status, metadata, updatedAt });
  const after = toOrganization(row);
  tx.audit({
    action: 'organization.updated',
    resourceType: 'organization',
    resourceId: id,
    organizationId: id,
    before,
    after,
  });
  tx.changed('organization', id);
  for (const revoked of revokedByOrganizationChange(standingBefore, row)) tx.revoked(revoked);
  return after;
}
