import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { algorithmsOf, CLIENT_SIGNING_ALGORITHMS, publicJwk } from './public-jwk.js';

const EC = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
/** A modulus of this many bits; what it is the product of does not matter here. */
const rsa = (bits: number) => {
  const n = Buffer.alloc(Math.ceil(bits / 8), 1);
  n[0] = 1 << ((bits - 1) % 8);
  return { kty: 'RSA', alg: 'RS256', n: n.toString('base64url'), e: 'AQAB' };
};

function keyPairOf(alg: string) {
  if (/^[PR]S/.test(alg)) return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', {
    namedCurve: alg.replace('ES512', 'P-521').replace('ES', 'P-'),
  });
}

const isTaken = (jwk: unknown) => publicJwk.safeParse(jwk).success;

describe('publicJwk', () => {
  it.each([...CLIENT_SIGNING_ALGORITHMS])('takes a public key of %s, and only that', (alg) => {
    const pair = keyPairOf(alg);
    const jwk = { ...pair.publicKey.export({ format: 'jwk' }), alg, kid: 'k', use: 'sig' };
    expect(publicJwk.parse(jwk)).toEqual(jwk);
    expect(algorithmsOf(publicJwk.parse(jwk))).toContain(alg);
    const privateJwk = pair.privateKey.export({ format: 'jwk' });
    const issues = publicJwk.safeParse(privateJwk).error?.issues ?? [];
    const named = issues.map(({ path }) => path[0]).sort();
    expect(named).toEqual(privateJwk.kty === 'RSA' ? ['d', 'dp', 'dq', 'p', 'q', 'qi'] : ['d']);
  });

  it('takes what WebCrypto exports, and leaves out what it does not know (RFC 7517 §4)', () => {
    const jwk = { ...EC, key_ops: ['verify'], ext: true, x5t: 'x' };
    expect(publicJwk.parse(jwk)).toEqual({ ...EC, key_ops: ['verify'] });
  });

  it.each([2047, 1024, 512, 4097, 8192])('refuses RSA of %i bits', (bits) => {
    expect(isTaken(rsa(bits))).toBe(false);
  });

  it.each([2048, 2049, 3072, 4096])('takes RSA of %i bits', (bits) => {
    expect(isTaken(rsa(bits))).toBe(true);
  });

  it('counts no zeros in front (RFC 7518 §2)', () => {
    const n = Buffer.concat([Buffer.alloc(64), Buffer.alloc(192, 0xff)]).toString('base64url');
    expect(isTaken({ ...rsa(2048), n })).toBe(false);
  });

  it.each([
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['an unknown type', { ...EC, kty: 'ec' }],
    ['an unknown curve', { ...EC, crv: 'secp256k1' }],
    ['a key agreement curve', { kty: 'OKP', crv: 'X25519', x: EC.x }],
    ['a coordinate of another length', { ...EC, x: EC.x.slice(1) }],
    ['a coordinate that is no base64url', { ...EC, x: `${EC.x.slice(1)}=` }],
    ['the algorithm of another curve', { ...EC, alg: 'ES384' }],
    ['an algorithm with a shared secret', { ...EC, alg: 'HS256' }],
    ['a key for encryption', { ...EC, use: 'enc' }],
    ['a key that may sign', { ...EC, key_ops: ['sign', 'verify'] }],
    ['a private member that is null', { ...EC, d: null }],
    ['nothing', null],
  ])('refuses %s', (_, jwk) => {
    expect(isTaken(jwk)).toBe(false);
  });
});

describe('algorithmsOf', () => {
  it('has one algorithm for a curve, and for RSA the one of the key (RFC 8725 §3.1)', () => {
    expect(algorithmsOf(publicJwk.parse(EC))).toEqual(['ES256']);
    expect(algorithmsOf(publicJwk.parse(rsa(2048)))).toEqual(['RS256']);
  });
});
