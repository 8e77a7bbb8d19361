import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { SIGNATURE_VECTORS, THUMBPRINT_VECTOR } from '../test/rfc-vectors.js';
import { createSigner } from '../test/signer.js';
import { importVerificationKey } from './import-verification-key.js';
import { UnusableKey } from './unusable-key.js';

const rsa = createSigner('RS256').jwk;
const ec = createSigner('ES256').jwk;
const ed = createSigner('Ed25519').jwk;

describe('importVerificationKey', () => {
  it.each(SIGNATURE_VECTORS)('imports the key of $title', ({ jwk }) => {
    expect(importVerificationKey(jwk)).toMatchObject({ kid: jwk.kid, alg: jwk.alg });
  });

  it('imports the key that it was given (RFC 7638 §3.1)', async () => {
    const { key } = importVerificationKey(THUMBPRINT_VECTOR.jwk);
    const exported = key.export({ format: 'jwk' }) as Parameters<typeof calculateJwkThumbprint>[0];
    expect(await calculateJwkThumbprint(exported)).toBe(THUMBPRINT_VECTOR.thumbprint);
  });

  it.each([
    [rsa, 256],
    [ec, 64],
    [ed, 64],
  ])('knows the length of the signatures', (jwk, octets) => {
    expect(importVerificationKey(jwk).signatureOctets).toBe(octets);
  });

  it('allows key_ops with verify, and ignores certificates', () => {
    expect(importVerificationKey({ ...ec, key_ops: ['verify'], x5c: ['MIIB'] }).kid).toBe(ec.kid);
  });

  it('imports 3072 bits with 384 octets of signature', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' };
    expect(importVerificationKey(jwk).signatureOctets).toBe(384);
  });

  it.each<[string, unknown]>([
    ['what is no object', 'jwk'],
    ['null', null],
    ['an empty object', {}],
    ['no kid', { ...ec, kid: undefined }],
    ['an empty kid', { ...ec, kid: '' }],
    ['a kid that is no string', { ...ec, kid: 1 }],
    ['no alg', { ...ec, alg: undefined }],
    ['an alg that is not ours', { ...ed, alg: 'EdDSA' }],
    ['a symmetric key', { kty: 'oct', kid: 'k', alg: 'HS256', k: 'AAAA' }],
    ['a symmetric key under our alg', { kty: 'oct', kid: 'k', alg: 'RS256', k: 'AAAA' }],
    ['an EC key for RS256', { ...ec, alg: 'RS256' }],
    ['an RSA key for ES256', { ...rsa, alg: 'ES256' }],
    ['an Ed25519 key for ES256', { ...ed, alg: 'ES256' }],
    ['another curve', { ...ec, crv: 'P-384' }],
    ['X25519', { ...ed, crv: 'X25519' }],
    ['a point that is not on the curve', { ...ec, y: ec.x }],
    ['a coordinate cut short', { ...ec, x: ec.x?.slice(1) }],
    ['a coordinate with padding', { ...ec, x: `${ec.x}=` }],
    ['a modulus that is no base64url', { ...rsa, n: `${rsa.n}+` }],
    ['use enc', { ...ec, use: 'enc' }],
    ['key_ops without verify', { ...ec, key_ops: ['sign'] }],
    ['key_ops that are no list', { ...ec, key_ops: 'verify' }],
    ['a private member', { ...ec, d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' }],
    ['an exponent of 3', { ...rsa, e: 'Aw' }],
    ['an exponent of 1', { ...rsa, e: 'AQ' }],
  ])('refuses %s', (_, jwk) => {
    expect(() => importVerificationKey(jwk)).toThrow(UnusableKey);
  });

  it('refuses RSA of fewer than 2048 bits (RFC 7518 §3.3)', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2040 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' };
    expect(() => importVerificationKey(jwk)).toThrow('2048 bits');
  });

  it('does not tell the key in its errors', () => {
    const secret = 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI';
    try {
      importVerificationKey({ ...ec, d: secret });
    } catch (error) {
      expect(String(error)).not.toContain(secret);
    }
  });
});
