import { ACCEPTED, type Accepted, type Rejection, rejected } from '@countersign/verify';
import type { PrincipalState } from '../state/principal-state.js';

/** Whether a credential's principal and its organization are active. */
export function principalStanding(state: PrincipalState): Accepted | Rejection {
  if (state.principalStatus !== 'active') return rejected('principal_disabled');
  if (state.organizationStatus !== 'active' && state.organizationId !== null) {
    return rejected('organization_disabled');
  }
  return ACCEPTED;
}
