import type { VerifiedAccessToken, VerifiedFederatedToken } from '@countersign/core';
import type { ChangeTransaction } from '@countersign/persistence';
import { revokeJti } from './revoke-jti.js';

/**
 * Revokes a token by its id, so that no spelling of it and no copy survives. Revoking it once more
 * changes nothing. One of another issuer is revoked here only: what its issuer thinks is its own affair.
 */
export async function revokeToken(
  tx: ChangeTransaction,
  credential: VerifiedAccessToken | VerifiedFederatedToken,
): Promise<void> {
  const { state, clientId } = credential.root;
  const { organizationId } = state;
  const { audiences } = credential;
  const { jti, expiresAt } = idAndExpiry(credential);
  if (!(await revokeJti(tx, { jti, expiresAt, audiences, organizationId }))) return;
  tx.audit({
    action: 'token.revoked',
    resourceType: 'token',
    resourceId: jti,
    organizationId,
    before: null,
    after: { jti, client_id: clientId, principal_id: state.principalId },
  });
}

function idAndExpiry(credential: VerifiedAccessToken | VerifiedFederatedToken) {
  if (credential.kind === 'access_token') {
    const { jti, exp } = credential.token.claims;
    return { jti, expiresAt: new Date(exp * 1000) };
  }
  const { revocationId, exp, expiryLeewaySeconds } = credential.token;
  return { jti: revocationId, expiresAt: new Date((exp + expiryLeewaySeconds) * 1000) };
}
