import { describe, expect, it } from '@jest/globals';
import { createSigner } from '../test/signer.js';
import { keySetFromJwks } from './key-set.js';
import { UnusableKey } from './unusable-key.js';

const rsa = createSigner('RS256').jwk;
const ec = createSigner('ES256').jwk;

describe('keySetFromJwks', () => {
  it('yields the keys by kid', () => {
    const keys = keySetFromJwks({ keys: [rsa, ec] });
    expect([...keys].map(([kid, { alg }]) => [kid, alg])).toEqual([
      ['kid-RS256', 'RS256'],
      ['kid-ES256', 'ES256'],
    ]);
  });

  it('skips entries that it cannot use (RFC 7517 §5)', () => {
    const unusable = [
      null,
      'key',
      [],
      { kty: 'AKP', alg: 'ML-DSA-44', kid: 'pq', pub: 'AAAA' },
      { kty: 'oct', kid: 'secret', k: 'AAAA' },
      { ...ec, kid: 'enc', use: 'enc' },
      { ...ec, kid: 'private', d: 'AAAA' },
      { ...ec, kid: undefined },
    ];
    expect([...keySetFromJwks({ keys: [...unusable, ec] }).keys()]).toEqual([ec.kid]);
  });

  it('uses neither of two keys with one kid', () => {
    const twin = { ...createSigner('ES256').jwk, kid: rsa.kid };
    expect([...keySetFromJwks({ keys: [rsa, twin, ec] }).keys()]).toEqual([ec.kid]);
    expect([...keySetFromJwks({ keys: [rsa, twin, rsa] }).keys()]).toEqual([]);
  });

  it('uses a key whose kid an unusable entry has as well', () => {
    expect(keySetFromJwks({ keys: [{ ...rsa, use: 'enc' }, rsa] }).has(rsa.kid)).toBe(true);
  });

  it.each([null, [], 'keys', {}, { keys: null }, { keys: {} }])('throws for %j', (document) => {
    expect(() => keySetFromJwks(document)).toThrow(UnusableKey);
  });
});
