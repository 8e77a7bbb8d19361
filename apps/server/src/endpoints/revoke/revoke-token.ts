import type { VerifiedAccessToken } from '@countersign/core';
import type { ChangeTransaction } from '@countersign/persistence';
import { revokeJti } from './revoke-jti.js';

/**
 * Revokes an access token by its `jti`, so that no spelling of it and no copy survives. Revoking it
 * once more changes nothing.
 */
export async function revokeToken(
  tx: ChangeTransaction,
  { token, root }: VerifiedAccessToken,
): Promise<void> {
  const { jti, exp } = token.claims;
  if (!(await revokeJti(tx, jti, new Date(exp * 1000)))) return;
  tx.audit({
    action: 'token.revoked',
    resourceType: 'token',
    resourceId: jti,
    organizationId: root.state.organizationId,
    before: null,
    after: { jti, key_id: root.state.keyId, principal_id: root.state.principalId },
  });
}
