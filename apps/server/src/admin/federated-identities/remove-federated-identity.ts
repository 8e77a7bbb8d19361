import { type ChangeTransaction, FederatedIdentityEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { lockFederatedIdentity } from './lock-federated-identity.js';
import { revokedByIdentityChange } from './revoked-by-identity-change.js';
import { toFederatedIdentity } from './to-federated-identity.js';

/**
 * Forgets whom a subject stands for, and ends what was derived from its tokens. Its next token makes
 * an identity anew, as far as the issuer's provisioning goes: to keep it out, disable it instead.
 */
export async function removeFederatedIdentity(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
): Promise<void> {
  const row = await lockFederatedIdentity(tx.manager, caller, id);
  await tx.manager.delete(FederatedIdentityEntity, { id });
  tx.audit({
    action: 'federated_identity.deleted',
    resourceType: 'federated_identity',
    resourceId: id,
    organizationId: row.organizationId,
    before: toFederatedIdentity(row),
    after: null,
  });
  tx.changed('federated_identity', id);
  for (const revoked of revokedByIdentityChange(row, null)) tx.revoked(revoked);
}
