import type { CredentialState } from '../state/credential-state.js';

/**
 * Whether something was derived from a credential by the trust that its issuer has now. Other keys, or
 * another mapping, void what was said by the old ones, and no use of it could tell. Always true of a
 * key: what that may do is worked out at each use.
 * @param feedPosition the position of the change feed that the derived thing is at least as new as
 */
export function isOfCurrentTrust(state: CredentialState, feedPosition: number): boolean {
  return state.kind === 'api_key' || feedPosition >= state.trustPosition;
}
