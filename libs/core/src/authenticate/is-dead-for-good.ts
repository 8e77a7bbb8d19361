import { REVOCATION_MARGIN_SECONDS } from '../revocation/revocation-margin-seconds.js';
import { rootOf } from '../state/root-of.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { ROOT_RULES } from './root-standing.js';

/**
 * Whether a genuine credential can never be used again, whatever is enabled, widened or put off later:
 * its key is revoked, or its time is over, by the clock of whichever replica. What is not, though it
 * may be of no use now, is worth revoking.
 * @param nowMs milliseconds since the epoch
 */
export function isDeadForGood(credential: VerifiedCredential, nowMs: number): boolean {
  if (ROOT_RULES.revocation(rootOf(credential).state) !== undefined) return true;
  switch (credential.kind) {
    case 'api_key': {
      // When the key expires can be put off, when one of its secrets ends cannot. No margin: with a
      // secret that was rotated out, the ones that replaced it would be revoked.
      const { versionEnded, versionExpiresAtMs } = credential.state;
      return versionEnded || nowMs >= versionExpiresAtMs;
    }
    case 'access_token':
      return isLongPast(credential.token.claims.exp, nowMs);
    case 'federated_token': {
      const { exp, expiryLeewaySeconds } = credential.token;
      return isLongPast(exp + expiryLeewaySeconds, nowMs);
    }
  }
}

function isLongPast(exp: number, nowMs: number): boolean {
  return nowMs >= (exp + REVOCATION_MARGIN_SECONDS) * 1000;
}
