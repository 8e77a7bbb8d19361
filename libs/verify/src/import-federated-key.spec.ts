import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { federatedKeySet } from './federated-key-set.js';
import { importFederatedKey } from './import-federated-key.js';
import { UnusableKey } from './unusable-key.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const jwk = (pair: typeof rsa, more: object = {}) => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  kid: 'a',
  ...more,
});

describe('importFederatedKey', () => {
  it('binds a key to its alg, or without one to all of its type and curve (RFC 7517 §4.4)', () => {
    expect(importFederatedKey(jwk(rsa, { alg: 'PS256' })).algorithms).toEqual(['PS256']);
    expect(importFederatedKey(jwk(rsa)).algorithms).toHaveLength(6);
    expect(importFederatedKey(jwk(ec)).algorithms).toEqual(['ES384']);
  });

  it.each([
    ['nothing', null],
    ['an empty kid', jwk(rsa, { kid: '' })],
    ['a kid that is no string', jwk(rsa, { kid: 1 })],
    ['an exponent of 1', jwk(rsa, { e: 'AQ' })],
    ['an exponent of 3', jwk(rsa, { e: 'Aw' })],
    ['a symmetric key', { kty: 'oct', k: 'AAAA', kid: 'a', alg: 'HS256' }],
    ['alg none', jwk(rsa, { alg: 'none' })],
    ['alg HS256 with an RSA key', jwk(rsa, { alg: 'HS256' })],
    ['an alg of another curve', jwk(ec, { alg: 'ES256' })],
    ['a key for encryption', jwk(rsa, { use: 'enc' })],
    ['key_ops without verify', jwk(rsa, { key_ops: ['encrypt'] })],
    ['a private key', { ...rsa.privateKey.export({ format: 'jwk' }), kid: 'a' }],
    ['1024 bits', jwk(weak)],
    ['a curve that is not ours to use', jwk(k1)],
    ['a kty from Object', { kty: 'constructor', kid: 'a' }],
    ['a point that is not on the curve', jwk(ec, { x: 'AAAA' })],
  ])('refuses %s', (_what, document) => {
    expect(() => importFederatedKey(document)).toThrow(UnusableKey);
  });
});

describe('federatedKeySet', () => {
  it('has the same key again when it is published unchanged, another when it is not', () => {
    const before = federatedKeySet({ keys: [jwk(rsa)] }, new Map());
    const after = federatedKeySet({ keys: [jwk(rsa), jwk(ec, { kid: 'b' })] }, before);
    expect(after.get('a')).toBe(before.get('a'));
    expect(federatedKeySet({ keys: [jwk(rsa, { alg: 'RS256' })] }, before).get('a')).not.toBe(
      before.get('a'),
    );
  });

  it('has the keys that were published without a kid, each once (RFC 7517 §4.5)', () => {
    const nameless = [jwk(rsa, { kid: undefined }), jwk(ec, { kid: undefined })];
    expect(federatedKeySet({ keys: nameless }, new Map()).size).toBe(2);
  });

  it('has no key of a kid that two share', () => {
    const keys = [jwk(rsa), jwk(ec), jwk(ec, { kid: 'b' })];
    expect([...federatedKeySet({ keys }, new Map()).keys()]).toEqual(['b']);
  });
});
