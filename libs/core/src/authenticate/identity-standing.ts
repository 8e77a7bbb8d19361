import { type Accepted, type Rejection, rejected } from '@countersign/verify';
import type { IdentityState } from '../state/identity-state.js';
import { principalStanding } from './principal-standing.js';

/** Whether a federated identity, its issuer, its principal and its organization are all active. */
export function identityStanding(state: IdentityState): Accepted | Rejection {
  if (state.issuerStatus !== 'active') return rejected('issuer_disabled');
  if (state.identityStatus !== 'active') return rejected('credential_disabled');
  return principalStanding(state);
}
