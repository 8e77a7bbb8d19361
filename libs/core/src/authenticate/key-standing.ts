import type { RejectionCode } from '@countersign/contracts';
import { ACCEPTED, type Accepted, type Rejection, rejected } from '@countersign/verify';
import type { KeyState } from '../state/key-state.js';

type KeyRule = (state: KeyState, nowMs: number) => RejectionCode | undefined;

/**
 * What a key version's standing consists of, the most final reason first: each rule yields why the
 * key fails it, or undefined.
 */
export const KEY_RULES = {
  revocation: ({ keyStatus }) => (keyStatus === 'revoked' ? 'credential_revoked' : undefined),
  // A clock that returns NaN lets nothing through.
  expiry: ({ versionExpiresAtMs, keyExpiresAtMs }, nowMs) =>
    nowMs < versionExpiresAtMs && nowMs < keyExpiresAtMs ? undefined : 'expired',
  status: ({ keyStatus }) =>
    keyStatus === 'active' || keyStatus === 'revoked' ? undefined : 'credential_disabled',
  principal: ({ principalStatus }) =>
    principalStatus === 'active' ? undefined : 'principal_disabled',
  organization: ({ organizationStatus, organizationId }) =>
    organizationStatus === 'active' || organizationId === null
      ? undefined
      : 'organization_disabled',
} satisfies Record<string, KeyRule>;

const IN_ORDER: readonly KeyRule[] = Object.values(KEY_RULES);

/**
 * Whether a key version is in good standing at `nowMs`: neither it nor its key expired, revoked or
 * disabled, and its principal and organization active. The most final reason comes first.
 */
export function keyStanding(state: KeyState, nowMs: number): Accepted | Rejection {
  for (const rule of IN_ORDER) {
    const code = rule(state, nowMs);
    if (code !== undefined) return rejected(code);
  }
  return ACCEPTED;
}
