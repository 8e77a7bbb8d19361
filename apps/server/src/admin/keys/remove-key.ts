import { ApiKeyEntity, type ChangeTransaction } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { lockKey } from './lock-key.js';
import { revokeKey } from './revoke-key.js';

/** Deletes a key. One that was not revoked is so first, as far as memory and record can tell. */
export async function removeKey(tx: ChangeTransaction, caller: Caller, id: string): Promise<void> {
  const revoked = await revokeKey(tx, caller, id, {});
  const { principal } = await lockKey(tx.manager, caller, id);
  await tx.manager.delete(ApiKeyEntity, { id });
  tx.audit({
    action: 'key.deleted',
    resourceType: 'key',
    resourceId: id,
    organizationId: principal.organizationId,
    before: revoked,
    after: null,
  });
  tx.changed('api_key', id);
  for (const version of revoked.versions) tx.changed('api_key_version', version.id);
}
