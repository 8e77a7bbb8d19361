import { rootStanding } from '../authenticate/root-standing.js';
import { isOfCurrentTrust } from '../authenticate/is-of-current-trust.js';
import type { CredentialState } from '../state/credential-state.js';
import { TOKEN_STATUS, type TokenStatus } from './encode-status-list.js';

/**
 * What a token's status is by what it was derived from: the same rules as at each use of it.
 * @param state null: it was deleted
 * @param feedPosition `pos` of the token
 * @param nowMs milliseconds since the epoch
 */
export function rootTokenStatus(
  state: CredentialState | null,
  feedPosition: number,
  nowMs: number,
): TokenStatus {
  if (state === null || !isOfCurrentTrust(state, feedPosition)) return TOKEN_STATUS.invalid;
  const standing = rootStanding(state, nowMs);
  if (standing.ok) return TOKEN_STATUS.valid;
  // What was disabled can be enabled again; what was revoked or has expired stays so.
  return standing.code.endsWith('_disabled') ? TOKEN_STATUS.suspended : TOKEN_STATUS.invalid;
}
