import type { TrustedIssuerPolicy } from '../src/federation/trusted-issuer-policy.js';
import { TRUSTED_ISSUER_ID } from './key-state.js';

export const THEIR_ISSUER = 'https://idp.example.com';

/** An issuer that creates principals, without an organization. */
export function trustedIssuerPolicy(
  overrides: Partial<TrustedIssuerPolicy> = {},
): TrustedIssuerPolicy {
  return {
    id: TRUSTED_ISSUER_ID,
    issuer: THEIR_ISSUER,
    status: 'active',
    jwksUri: `${THEIR_ISSUER}/jwks`,
    jwks: null,
    discovery: 'openid-configuration',
    algorithms: ['RS256', 'PS256'],
    audienceClaim: '/aud',
    audiences: ['us'],
    targetAudiences: null,
    scopes: ['read:users', 'write:users'],
    mapping: { subject: '/sub', scopes: [{ claim: '/scope' }], type: 'user' },
    provisioning: 'create',
    organizationId: null,
    ...overrides,
  };
}
