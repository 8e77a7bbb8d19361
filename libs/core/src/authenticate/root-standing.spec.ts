import { describe, expect, it } from '@jest/globals';
import type { RejectionCode } from '@countersign/contracts';
import { identityState, keyState, NOW_MS } from '../../test/key-state.js';
import type { IdentityState } from '../state/identity-state.js';
import type { KeyState } from '../state/key-state.js';
import { rootStanding } from './root-standing.js';

const codeOf = (state: Partial<KeyState>, nowMs = NOW_MS) => {
  const standing = rootStanding(keyState(state), nowMs);
  return standing.ok ? 'accepted' : standing.code;
};

describe('rootStanding', () => {
  it.each<[string, Partial<KeyState>]>([
    ['accepted', {}],
    ['accepted', { organizationId: null, organizationStatus: null }],
    ['accepted', { keyExpiresAtMs: NOW_MS + 1, versionExpiresAtMs: NOW_MS + 1 }],
    ['credential_revoked', { keyStatus: 'revoked' }],
    ['credential_disabled', { keyStatus: 'disabled' }],
    ['expired', { keyExpiresAtMs: NOW_MS }],
    ['expired', { versionExpiresAtMs: NOW_MS }],
    ['expired', { versionEnded: true }],
    ['principal_disabled', { principalStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: null }], // of an organization that has none
  ])('%s: %p', (code, state) => {
    expect(codeOf(state)).toBe(code);
  });

  it('is over to the millisecond, without tolerance', () => {
    for (const expiry of ['keyExpiresAtMs', 'versionExpiresAtMs']) {
      expect(codeOf({ [expiry]: NOW_MS }, NOW_MS - 1)).toBe('accepted');
      expect(codeOf({ [expiry]: NOW_MS }, NOW_MS)).toBe('expired');
      expect(codeOf({ [expiry]: NOW_MS }, NOW_MS + 1)).toBe('expired');
    }
  });

  it('asks no clock about a version that was ended at once: that one may be a minute behind', () => {
    const ended = { versionEnded: true, versionExpiresAtMs: NOW_MS };
    expect(codeOf(ended, NOW_MS - 60_000)).toBe('expired');
  });

  it('names the most final reason', () => {
    const all: Partial<KeyState> = {
      keyStatus: 'revoked',
      keyExpiresAtMs: 0,
      principalStatus: 'disabled',
      organizationStatus: 'disabled',
    };
    expect(codeOf(all)).toBe('credential_revoked');
    expect(codeOf({ ...all, keyStatus: 'disabled' })).toBe('expired');
    expect(codeOf({ ...all, keyStatus: 'disabled', keyExpiresAtMs: Infinity })).toBe(
      'credential_disabled',
    );
  });

  it('lets nothing through by a clock that tells no time', () => {
    expect(codeOf({}, NaN)).toBe('expired');
  });
});

describe('rootStanding, of a federated identity', () => {
  it('is good when everything is active, with an organization and without', () => {
    expect(rootStanding(identityState(), NOW_MS).ok).toBe(true);
    const none = { organizationId: null, organizationStatus: null };
    expect(rootStanding(identityState(none), NOW_MS).ok).toBe(true);
  });

  it.each<[RejectionCode, Partial<IdentityState>]>([
    ['issuer_disabled', { issuerStatus: 'disabled' }],
    ['credential_disabled', { identityStatus: 'disabled' }],
    ['principal_disabled', { principalStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: 'disabled' }],
    ['organization_disabled', { organizationStatus: null }],
  ])('is %s for %j', (code, overrides) => {
    expect(rootStanding(identityState(overrides), NOW_MS)).toEqual({ ok: false, code });
  });
});
