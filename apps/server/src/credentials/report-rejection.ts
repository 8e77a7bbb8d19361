import { type OnRejection, rootOf, type VerifiedCredential } from '@countersign/core';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';

/**
 * Tells the operator why a credential was turned away: the code in a metric and in the log, with the
 * ids of the credential once they are known to be genuine. The outside is told nothing.
 */
export function reportRejection(metrics: Metrics, logger: Logger): OnRejection {
  return (kind, { code }, credential) => {
    metrics.credentialRejections.increment(kind, code);
    // What anybody can send in any number does not fill the log: it is counted.
    const level = credential === undefined ? 'debug' : 'info';
    logger[level](
      { event: 'credential_rejected', kind, code, ...idsOf(credential) },
      'credential rejected',
    );
  };
}

function idsOf(credential: VerifiedCredential | undefined) {
  if (credential === undefined) return {};
  const { state } = rootOf(credential);
  return {
    ...(state.kind === 'api_key'
      ? { key_id: state.keyId }
      : { identity_id: state.identityId, trusted_issuer_id: state.trustedIssuerId }),
    principal_id: state.principalId,
    ...(credential.kind === 'access_token' && { jti: credential.token.claims.jti }),
  };
}
