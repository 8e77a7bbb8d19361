import { type Accepted, type Rejection, rejected } from '@countersign/verify';
import type { KeyState } from '../state/key-state.js';
import { principalStanding } from './principal-standing.js';

/**
 * Whether a key version is in good standing at `nowMs`: neither it nor its key expired, revoked or
 * disabled, and its principal and organization active. The most final reason comes first.
 */
export function keyStanding(state: KeyState, nowMs: number): Accepted | Rejection {
  if (state.keyStatus === 'revoked') return rejected('credential_revoked');
  if (!(nowMs < state.versionExpiresAtMs && nowMs < state.keyExpiresAtMs)) {
    return rejected('expired');
  }
  if (state.keyStatus !== 'active') return rejected('credential_disabled');
  return principalStanding(state);
}
