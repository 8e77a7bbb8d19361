import type { FederatedIdentity, PatchFederatedIdentity } from '@countersign/contracts';
import { type ChangeTransaction, FederatedIdentityEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { updateRows } from '../store-row.js';
import { lockFederatedIdentity } from './lock-federated-identity.js';
import { revokedByIdentityChange } from './revoked-by-identity-change.js';
import { toFederatedIdentity } from './to-federated-identity.js';

/** Disables an identity, with all that was derived from its tokens, or takes it up again. */
export async function changeFederatedIdentity(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  { status }: PatchFederatedIdentity,
): Promise<FederatedIdentity> {
  const row = await lockFederatedIdentity(tx.manager, caller, id);
  const before = toFederatedIdentity(row);
  if (status === undefined || status === row.status) return before;
  const { organizationId, status: statusBefore } = row;
  Object.assign(row, { status, updatedAt: tx.now });
  await updateRows(tx.manager, FederatedIdentityEntity, { id }, { status, updatedAt: tx.now });
  const after = toFederatedIdentity(row);
  tx.audit({
    action: 'federated_identity.updated',
    resourceType: 'federated_identity',
    resourceId: id,
    organizationId: row.organizationId,
    before,
    after,
  });
  tx.changed('federated_identity', id);
  const standingBefore = { id, organizationId, status: statusBefore };
  for (const revoked of revokedByIdentityChange(standingBefore, row)) tx.revoked(revoked);
  return after;
}
