import { satisfiesScope } from '@countersign/contracts';
import type { PrincipalState, VerifiedCredential } from '@countersign/core';

/**
 * Whether a caller may revoke a credential: one of its own principal's, or any within its reach
 * where it may write keys.
 * @see RFC 7009 §2.1
 */
export function mayRevoke(caller: VerifiedCredential, credential: VerifiedCredential): boolean {
  const callerState = stateOf(caller);
  const state = stateOf(credential);
  if (callerState.principalId === state.principalId) return true;
  const { organizationId } = callerState;
  const withinReach = organizationId === null || organizationId === state.organizationId;
  return withinReach && satisfiesScope(caller.principal.scopes, 'countersign:keys:write');
}

function stateOf(credential: VerifiedCredential): PrincipalState {
  return credential.kind === 'api_key' ? credential.state : credential.root.state;
}
