import type { RejectionCode } from '@countersign/contracts';
import { ACCEPTED, type Accepted, type Rejection, rejected } from '@countersign/verify';
import type { CredentialState } from '../state/credential-state.js';

type RootRule = (state: CredentialState, nowMs: number) => RejectionCode | undefined;

/**
 * What the standing of a key version, or of a federated identity, consists of, the most final reason
 * first: each rule yields why it fails, or undefined.
 */
export const ROOT_RULES = {
  revocation: (state) =>
    state.kind === 'api_key' && state.keyStatus === 'revoked' ? 'credential_revoked' : undefined,
  expiry: (state, nowMs) => {
    if (state.kind !== 'api_key') return undefined;
    // The clock of whoever rotated it may be ahead of this one.
    if (state.versionEnded) return 'expired';
    // A clock that returns NaN lets nothing through.
    return nowMs < state.versionExpiresAtMs && nowMs < state.keyExpiresAtMs ? undefined : 'expired';
  },
  status: (state) => {
    if (state.kind === 'federated_identity') {
      if (state.issuerStatus !== 'active') return 'issuer_disabled';
      return state.identityStatus === 'active' ? undefined : 'credential_disabled';
    }
    return state.keyStatus === 'active' || state.keyStatus === 'revoked'
      ? undefined
      : 'credential_disabled';
  },
  principal: ({ principalStatus }) =>
    principalStatus === 'active' ? undefined : 'principal_disabled',
  organization: ({ organizationStatus, organizationId }) =>
    organizationStatus === 'active' || organizationId === null
      ? undefined
      : 'organization_disabled',
} satisfies Record<string, RootRule>;

const IN_ORDER: readonly RootRule[] = Object.values(ROOT_RULES);

/**
 * Whether what credentials hang on is in good standing at `nowMs`: neither it nor its key expired,
 * revoked or disabled; its issuer, principal and organization active.
 */
export function rootStanding(state: CredentialState, nowMs: number): Accepted | Rejection {
  for (const rule of IN_ORDER) {
    const code = rule(state, nowMs);
    if (code !== undefined) return rejected(code);
  }
  return ACCEPTED;
}
