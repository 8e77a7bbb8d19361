import { describe, expect, it } from '@jest/globals';
import { IDENTITY_ID, identityState, TRUSTED_ISSUER_ID } from '../../test/key-state.js';
import { VerifiedIdentity } from './verified-identity.js';

const scopesOf = (overrides: Parameters<typeof identityState>[0]) =>
  new VerifiedIdentity(identityState(overrides)).principal.scopes;

describe('VerifiedIdentity', () => {
  it('that was linked has what its issuer may give and its principal is granted', () => {
    expect(scopesOf({ ceiling: ['a', 'b'], grantedScopes: ['c', 'b'] })).toEqual(['b']);
  });

  it('that was created has what its issuer may give, and nothing that was granted for keys', () => {
    const created = { origin: 'created' as const, ceiling: ['b', 'a'], grantedScopes: ['c'] };
    expect(scopesOf(created)).toEqual(['a', 'b']);
  });

  it.each(['linked', 'created'] as const)(
    'that was %s never has a reserved scope, even where a ceiling was stored with one',
    (origin) => {
      const scopes = ['countersign:admin', 'a'];
      expect(scopesOf({ origin, ceiling: scopes, grantedScopes: scopes })).toEqual(['a']);
    },
  );

  it('names itself as the root of what is derived from it, without end or restriction', () => {
    expect(new VerifiedIdentity(identityState())).toMatchObject({
      cid: `${TRUSTED_ISSUER_ID}.${IDENTITY_ID}`,
      clientId: IDENTITY_ID,
      expiresAtMs: Infinity,
      restrictions: null,
      audiences: [],
    });
  });
});
