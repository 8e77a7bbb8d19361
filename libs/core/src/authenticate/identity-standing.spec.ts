import { describe, expect, it } from '@jest/globals';
import type { RejectionCode } from '@countersign/contracts';
import { identityState } from '../../test/key-state.js';
import type { IdentityState } from '../state/identity-state.js';
import { identityStanding } from './identity-standing.js';

describe('identityStanding', () => {
  it('is good when everything is active, with an organization and without', () => {
    expect(identityStanding(identityState()).ok).toBe(true);
    const none = { organizationId: null, organizationStatus: null };
    expect(identityStanding(identityState(none)).ok).toBe(true);
  });

  it.each<[RejectionCode, Partial<IdentityState>]>([
    ['issuer_disabled', { issuerStatus: 'disabled' }],
    ['credential_disabled', { identityStatus: 'disabled' }],
    ['principal_disabled', { principalStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: null }],
  ])('is %s for %j', (code, overrides) => {
    expect(identityStanding(identityState(overrides))).toEqual({ ok: false, code });
  });
});
