import { type ChangeTransaction, TrustedIssuerEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { lockTrustedIssuer } from './lock-trusted-issuer.js';
import { revokedByTrustChange } from './revoked-by-trust-change.js';
import { toTrustedIssuer } from './to-trusted-issuer.js';

/**
 * Trusts an issuer no more. Its identities go with it, and what was derived from them; principals
 * that were created for them stay, and can do nothing.
 */
export async function removeTrustedIssuer(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
): Promise<void> {
  const row = await lockTrustedIssuer(tx.manager, caller, id);
  await tx.manager.delete(TrustedIssuerEntity, { id });
  tx.audit({
    action: 'trusted_issuer.deleted',
    resourceType: 'trusted_issuer',
    resourceId: id,
    organizationId: row.organizationId,
    before: toTrustedIssuer(row),
    after: null,
  });
  tx.changed('trusted_issuer', id);
  for (const revoked of revokedByTrustChange(row, null)) tx.revoked(revoked);
}
