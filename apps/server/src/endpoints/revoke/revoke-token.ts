import type { VerifiedAccessToken } from '@countersign/core';
import { type ChangeTransaction, RevokedTokenEntity } from '@countersign/persistence';

/**
 * Revokes an access token by its `jti`, so that no spelling of it and no copy survives. Revoking it
 * once more changes nothing.
 */
export async function revokeToken(
  tx: ChangeTransaction,
  { token, root }: VerifiedAccessToken,
): Promise<void> {
  const { jti, exp } = token.claims;
  const expiresAt = new Date(exp * 1000);
  const inserted = await tx.manager
    .createQueryBuilder()
    .insert()
    .into(RevokedTokenEntity)
    .values({ jti, expiresAt, revokedAt: tx.now })
    .orIgnore()
    .returning('jti')
    .execute();
  const rows: unknown = inserted.raw;
  if (!Array.isArray(rows) || rows.length === 0) return;
  tx.changed('revoked_token', jti, expiresAt);
  tx.audit({
    action: 'token.revoked',
    resourceType: 'token',
    resourceId: jti,
    organizationId: root.state.organizationId,
    before: null,
    after: { jti, key_id: root.state.keyId, principal_id: root.state.principalId },
  });
}
