import { describe, expect, it } from '@jest/globals';
import { API, ISSUER, keyState } from '../../test/key-state.js';
import type { KeyState } from '../state/key-state.js';
import { VerifiedApiKey } from '../state/verified-api-key.js';
import { possibleChecks } from './possible-checks.js';

function key(state: Partial<KeyState> = {}): VerifiedApiKey {
  return new VerifiedApiKey(keyState({ audiences: [], restrictions: null, ...state }), ISSUER);
}

function namesOf(state: Partial<KeyState>): string[] {
  return possibleChecks(key(state)).map(({ name }) => name);
}

describe('possibleChecks', () => {
  it('are few for a key with nothing about it', () => {
    expect(namesOf({})).toEqual(['expiry', 'binding', 'scopes']);
  });

  it('has what a state can fail', () => {
    expect(namesOf({ keyStatus: 'revoked' })).toContain('revocation');
    expect(namesOf({ keyStatus: 'disabled' })).toContain('status');
    expect(namesOf({ principalStatus: 'disabled' })).toContain('principal');
    expect(namesOf({ organizationStatus: 'disabled' })).toContain('organization');
    expect(namesOf({ audiences: [API] })).toContain('audience');
    expect(namesOf({ restrictions: { ips: [] } })).toEqual(
      expect.arrayContaining(['ip', 'method', 'path']),
    );
  });

  it('are worked out once for a state, and one list for all that are alike', () => {
    expect(possibleChecks(key())).toBe(possibleChecks(key()));
  });
});
