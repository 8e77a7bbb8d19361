import { describe, expect, it } from '@jest/globals';
import { trustedIssuerPolicy } from '../../test/trusted-issuer-policy.js';
import { FederatedKeySets } from './federated-key-sets.js';

describe('FederatedKeySets', () => {
  const keySets = new FederatedKeySets({});
  const set = keySets.of(trustedIssuerPolicy());

  it('has one set for each issuer, even where two say that their keys are at one place', () => {
    const other = trustedIssuerPolicy({ id: 'tis_other', issuer: 'https://other.example' });
    expect(keySets.of(other)).not.toBe(set);
    expect(keySets.of(trustedIssuerPolicy({ id: 'tis_third' }))).not.toBe(set);
    expect(keySets.of(trustedIssuerPolicy())).toBe(set);
  });

  it('keeps the set, and with it what was fetched, through changes of anything else', () => {
    expect(keySets.of(trustedIssuerPolicy({ scopes: [], audiences: ['x'] }))).toBe(set);
  });

  it.each([
    [{ jwksUri: 'https://elsewhere.example/jwks' }],
    [{ jwksUri: null }],
    [{ jwksUri: null, discovery: 'oauth-authorization-server' as const }],
    [{ issuer: 'https://renamed.example' }],
    [{ jwksUri: null, jwks: { keys: [] } }],
  ])('begins anew when the keys are to come from elsewhere: %j', (change) => {
    const anew = keySets.of(trustedIssuerPolicy(change));
    expect(anew).not.toBe(set);
    expect(keySets.of(trustedIssuerPolicy(change))).toBe(anew);
  });

  it('has none where keys may not be fetched from', () => {
    const insecure = trustedIssuerPolicy({ jwksUri: 'http://idp.example/jwks' });
    expect(() => keySets.of(insecure)).toThrow(TypeError);
  });
});
