import type { ApiKey, RevokeApiKey } from '@countersign/contracts';
import { ApiKeyEntity, type ChangeTransaction } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { updateRows } from '../store-row.js';
import { lockKey } from './lock-key.js';
import { revokedByKeyChange } from './revoked-by-key-change.js';
import { toApiKey } from './to-api-key.js';
import { versionsOf } from './versions-of.js';

/** Revokes a key for good, with all that was derived from it. Revoking it again changes nothing. */
export async function revokeKey(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  { reason = null }: { readonly reason?: RevokeApiKey['reason'] | null },
): Promise<ApiKey> {
  const { manager, now } = tx;
  const { key, principal } = await lockKey(manager, caller, id);
  const versions = await versionsOf(manager, id);
  const before = toApiKey(key, versions, now);
  if (key.status === 'revoked') return before;

  const change = {
    status: 'revoked',
    revokedAt: now,
    revokedReason: reason,
    updatedAt: now,
  } as const;
  const revoked = revokedByKeyChange(key, null, principal.organizationId);
  Object.assign(key, change);
  await updateRows(manager, ApiKeyEntity, { id }, change);
  const after = toApiKey(key, versions, now);
  tx.audit({
    action: 'key.revoked',
    resourceType: 'key',
    resourceId: id,
    organizationId: principal.organizationId,
    before,
    after,
    reason,
  });
  tx.changed('api_key', id);
  for (const each of revoked) tx.revoked(each);
  return after;
}
