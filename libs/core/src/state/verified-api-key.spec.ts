import { describe, expect, it } from '@jest/globals';
import { principal } from '@countersign/contracts';
import {
  API,
  ISSUER,
  KEY_ID,
  keyState,
  NOW_MS,
  NOW_SECONDS,
  ORGANIZATION_ID,
  PRINCIPAL_ID,
} from '../../test/key-state.js';
import { KeySlot } from './key-slot.js';
import { VerifiedApiKey } from './verified-api-key.js';

describe('VerifiedApiKey', () => {
  it('yields the whole principal, in the shape of the wire', () => {
    const key = new VerifiedApiKey(
      keyState({
        audiences: [API],
        principalMetadata: { plan: 'gold', region: 'eu' },
        keyMetadata: { plan: 'silver' },
        keyCreatedAtMs: NOW_MS + 999,
        keyExpiresAtMs: NOW_MS + 60_500,
      }),
      ISSUER,
    );
    expect(key.principal).toEqual({
      subject: PRINCIPAL_ID,
      type: 'service',
      name: 'Acme nightly export',
      organization: ORGANIZATION_ID,
      scopes: ['read:users', 'write:users'],
      roles: ['exporter'],
      audience: [API],
      environment: 'live',
      metadata: { plan: 'silver', region: 'eu' },
      credential: {
        type: 'api_key',
        id: KEY_ID,
        issuer: ISSUER,
        issued_at: NOW_SECONDS,
        expires_at: NOW_SECONDS + 60,
        root: { type: 'api_key', id: KEY_ID },
      },
      actor: null,
    });
    expect(principal.parse(key.principal)).toEqual(key.principal);
  });

  it.each([
    ['never, without an expiry', Infinity, Infinity, null],
    ['with the key', NOW_MS, Infinity, NOW_SECONDS],
    ['with the grace of its version', Infinity, NOW_MS, NOW_SECONDS],
    ['with whichever ends first', NOW_MS + 1000, NOW_MS, NOW_SECONDS],
  ])('expires %s', (_when, keyExpiresAtMs, versionExpiresAtMs, expected) => {
    const key = new VerifiedApiKey(keyState({ keyExpiresAtMs, versionExpiresAtMs }), ISSUER);
    expect(key.principal.credential.expires_at).toBe(expected);
  });

  it('holds no more scopes than its principal is granted', () => {
    const state = keyState({ keyScopes: ['b', 'a', 'c'], grantedScopes: ['c', 'b', 'd'] });
    expect(new VerifiedApiKey(state, ISSUER).principal.scopes).toEqual(['b', 'c']);
  });
});

describe('KeySlot', () => {
  it('gives the same verified key until the state is another, so that what it rendered is kept', () => {
    const slot = new KeySlot('v1', ISSUER);
    const [state, later] = [keyState(), keyState({ keyStatus: 'disabled' })];
    const verified = slot.verified(state);
    expect(slot.verified(state)).toBe(verified);
    expect(slot.verified(later)).not.toBe(verified);
    expect(slot.verified(later).state).toBe(later);
  });

  it('keeps nothing of a state once it was emptied', () => {
    const slot = new KeySlot('v1', ISSUER);
    const state = keyState();
    slot.state = state;
    const verified = slot.verified(state);
    slot.clear();
    expect(slot.state).toBeUndefined();
    expect(slot.verified(state)).not.toBe(verified);
  });
});
