import { ApiKeyEntity, type ChangeTransaction, PrincipalEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { toApiKey } from '../keys/to-api-key.js';
import { versionsOfEach } from '../keys/versions-of.js';
import { grantsOf } from './grants-of.js';
import { lockPrincipal } from './lock-principal.js';
import { revokedByPrincipalChange } from './revoked-by-principal-change.js';
import { rolesOf } from './roles-of.js';
import { toPrincipal } from './to-principal.js';

/** Deletes a principal and its keys, none of which is accepted any more. */
export async function removePrincipal(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
): Promise<void> {
  const { manager, now } = tx;
  const row = await lockPrincipal(manager, caller, id, 'pessimistic_write');
  const roles = await rolesOf(manager, id);
  const before = toPrincipal(row, roles);
  const keys = await manager.find(ApiKeyEntity, {
    where: { principalId: id },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
  const keyIds = keys.map((key) => key.id);
  const versions = await versionsOfEach(manager, keyIds);
  await manager.delete(PrincipalEntity, { id });

  const { organizationId } = row;
  for (const key of keys) {
    tx.audit({
      action: 'key.deleted',
      resourceType: 'key',
      resourceId: key.id,
      organizationId,
      before: toApiKey(key, versions.get(key.id) ?? [], now),
      after: null,
    });
  }
  tx.audit({
    action: 'principal.deleted',
    resourceType: 'principal',
    resourceId: id,
    organizationId,
    before,
    after: null,
  });
  tx.changed('principal', id);
  for (const revoked of revokedByPrincipalChange(grantsOf(row, roles), null)) tx.revoked(revoked);
}
