import type { IdentityState } from '../src/state/identity-state.js';
import type { KeyState } from '../src/state/key-state.js';

export const ISSUER = 'https://auth.example.com';
export const API = 'https://api.example.com';
export const NOW_MS = Date.UTC(2026, 10, 22, 8);
export const NOW_SECONDS = NOW_MS / 1000;

export const VERSION_ID = 'AAAAbbbbCCCC0001';
export const KEY_ID = 'key_01JD0000000000000000000001';
export const PRINCIPAL_ID = 'prn_01JD0000000000000000000002';
export const ORGANIZATION_ID = 'org_01JD0000000000000000000003';
export const ROLE_ID = 'rol_01JD0000000000000000000004';
export const IDENTITY_ID = 'fid_01JD0000000000000000000005';
export const TRUSTED_ISSUER_ID = 'tis_01JD0000000000000000000006';

/** A key version in good standing, with nothing restricted. */
export function keyState(overrides: Partial<KeyState> = {}): KeyState {
  return Object.freeze({
    kind: 'api_key' as const,
    versionId: VERSION_ID,
    versionExpiresAtMs: Infinity,
    versionEnded: false,
    secretHash: '$argon2id$not-used',
    keyId: KEY_ID,
    keyStatus: 'active',
    keyExpiresAtMs: Infinity,
    keyCreatedAtMs: NOW_MS - 86_400_000,
    authentication: null,
    certificateThumbprints: [],
    certificateBoundAccessTokens: false,
    environment: 'live',
    keyScopes: ['read:users', 'write:users'],
    audiences: [],
    restrictions: null,
    keyMetadata: {},
    principalId: PRINCIPAL_ID,
    principalType: 'service',
    principalName: 'Acme nightly export',
    externalId: null,
    principalStatus: 'active',
    principalMetadata: {},
    organizationId: ORGANIZATION_ID,
    organizationStatus: 'active',
    roleIds: [ROLE_ID],
    roles: ['exporter'],
    grantedScopes: ['write:users', 'read:users', 'delete:users'],
    actsFor: [],
    actorIds: [],
    ...overrides,
  });
}

/** A linked federated identity in good standing. */
export function identityState(overrides: Partial<IdentityState> = {}): IdentityState {
  return Object.freeze({
    kind: 'federated_identity' as const,
    identityId: IDENTITY_ID,
    identityStatus: 'active',
    origin: 'linked',
    trustedIssuerId: TRUSTED_ISSUER_ID,
    issuerStatus: 'active',
    ceiling: ['read:users', 'write:users', 'read:audit'],
    environment: 'live',
    trustPosition: 0,
    principalId: PRINCIPAL_ID,
    principalType: 'user',
    principalName: 'Ada',
    externalId: null,
    principalStatus: 'active',
    principalMetadata: {},
    organizationId: ORGANIZATION_ID,
    organizationStatus: 'active',
    roleIds: [ROLE_ID],
    roles: ['exporter'],
    grantedScopes: ['write:users', 'read:users', 'delete:users'],
    actsFor: [],
    actorIds: [],
    ...overrides,
  });
}
