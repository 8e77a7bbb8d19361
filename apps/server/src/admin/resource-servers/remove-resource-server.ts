import { type ChangeTransaction, ResourceServerEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { actingPrincipals } from './acting-principals.js';
import { lockResourceServer } from './lock-resource-server.js';
import { revokedByResourceServerChange } from './revoked-by-resource-server-change.js';
import { toResourceServer } from './to-resource-server.js';

/** Deletes a resource server: no more tokens are issued for it, and nobody acts for it. */
export async function removeResourceServer(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
): Promise<void> {
  const row = await lockResourceServer(tx.manager, caller, id);
  const acting = (await actingPrincipals(tx.manager, caller, [id])).get(id) ?? [];
  await tx.manager.delete(ResourceServerEntity, { id });
  tx.audit({
    action: 'resource_server.deleted',
    resourceType: 'resource_server',
    resourceId: id,
    organizationId: null,
    before: toResourceServer(row, acting),
    after: null,
  });
  tx.changed('resource_server', id);
  for (const revoked of revokedByResourceServerChange(row, null)) tx.revoked(revoked);
  for (const principalId of acting) tx.changed('principal', principalId);
}
