import { createHmac, createSign, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SIGNATURE_VECTORS } from '../test/rfc-vectors.js';
import { createSigner, encode, ISSUER, validClaims } from '../test/signer.js';
import { keySetFromJwks } from './key-set.js';
import { parseCompactJws } from './parse-compact-jws.js';
import { rejected } from './rejection.js';
import { verifySignature } from './verify-signature.js';

const signers = (['RS256', 'ES256', 'Ed25519'] as const).map((alg) => createSigner(alg));
const keys = keySetFromJwks({ keys: signers.map(({ jwk }) => jwk) });
const verify = (token: string) => verifySignature(token, keys, ISSUER);

describe.each(signers)('verifySignature, $alg', (signer) => {
  const token = signer.sign(validClaims());
  const [header = '', payload = ''] = token.split('.');
  const withSignature = (octets: Uint8Array) => `${header}.${payload}.${encode(octets)}`;

  it('accepts a token of ours, and says whose and what it is', () => {
    expect(verify(token)).toMatchObject({
      ok: true,
      claims: validClaims(),
      typ: 'at+jwt',
      kid: signer.kid,
    });
  });

  it('accepts what parseCompactJws made of it', () => {
    const jws = parseCompactJws(token);
    if (!jws.ok) throw new Error('not parsed');
    expect(verifySignature(jws, keys, ISSUER)).toEqual(verify(token));
  });

  it('yields what cannot be changed, so that it can be cached', () => {
    const verified = verify(token);
    if (!verified.ok) throw new Error(verified.code);
    expect(Object.isFrozen(verified)).toBe(true);
    expect(Object.isFrozen(verified.claims)).toBe(true);
    expect(() => Object.assign(verified.claims, { sub: 'prn_other' })).toThrow(TypeError);
  });

  it('refuses a token that another key signed under our kid', () => {
    const other = createSigner(signer.alg, signer.kid);
    expect(verify(other.sign(validClaims()))).toBe(rejected('bad_signature'));
  });

  it('refuses a kid that is unknown, missing or inherited', () => {
    for (const kid of ['other', undefined, '', '__proto__', 'constructor', `${signer.kid} `]) {
      expect(verify(signer.sign(validClaims(), { kid }))).toBe(rejected('unknown_signing_key'));
    }
  });

  it('refuses the kid of a key that is bound to another algorithm (RFC 8725 §3.1)', () => {
    for (const { kid, alg } of signers) {
      if (alg === signer.alg) continue;
      const confused = signer.sign(validClaims(), { kid });
      expect(verify(confused)).toBe(rejected('unsupported_algorithm'));
    }
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])('refuses alg %s (RFC 8725 §3.2)', (alg) => {
    const unsigned = `${encode(JSON.stringify({ alg, typ: 'at+jwt', kid: signer.kid }))}.${payload}`;
    expect(verify(`${unsigned}.${encode('x')}`)).toBe(rejected('unsupported_algorithm'));
    expect(verify(`${unsigned}.`)).toBe(rejected('malformed_token'));
    expect(verify(unsigned)).toBe(rejected('malformed_token'));
  });

  it('refuses HS256 under the public key, however it is written (RFC 8725 §2.1)', () => {
    const { jwk, publicKey, kid } = signer;
    for (const secret of [
      publicKey.export({ format: 'pem', type: 'spki' }),
      publicKey.export({ format: 'pem', type: 'spki' }).toString().trim(),
      publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify(jwk),
      JSON.stringify({ keys: [jwk] }),
      jwk.n ?? jwk.x ?? '',
      '',
    ]) {
      for (const alg of ['HS256', signer.alg]) {
        const input = `${encode(JSON.stringify({ alg, typ: 'at+jwt', kid }))}.${payload}`;
        const mac = createHmac('sha256', secret).update(input).digest('base64url');
        const code = alg === 'HS256' ? 'unsupported_algorithm' : 'bad_signature';
        expect(verify(`${input}.${mac}`)).toBe(rejected(code));
      }
    }
  });

  it.each([
    ['jku', 'https://evil.example/jwks.json'],
    ['x5u', 'https://evil.example/cert.pem'],
    ['jwk', createSigner('ES256').jwk],
    ['x5c', ['MIIB']],
    ['crit', ['b64']],
    ['b64', false],
  ])('refuses the header %s, although we signed it', (name, value) => {
    const bearing = signer.sign(validClaims(), { [name]: value });
    expect(verify(bearing)).toBe(rejected('malformed_token'));
  });

  it('refuses a signature that is zero, empty, short, long or all ones', () => {
    const octets = Buffer.from(token.split('.')[2] ?? '', 'base64url');
    for (const changed of [
      Buffer.alloc(octets.length),
      Buffer.alloc(octets.length, 0xff),
      Buffer.alloc(1),
      octets.subarray(1),
      octets.subarray(0, -1),
      Buffer.concat([octets, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), octets]),
      Buffer.concat([octets, octets]),
    ]) {
      expect(verify(withSignature(changed))).toBe(rejected('bad_signature'));
    }
    expect(verify(withSignature(Buffer.alloc(0)))).toBe(rejected('malformed_token'));
  });

  it('refuses a header or payload that was put in place of ours', () => {
    const other = encode(JSON.stringify(validClaims({ scope: 'countersign:admin' })));
    const signature = token.split('.')[2] ?? '';
    expect(verify(`${header}.${other}.${signature}`)).toBe(rejected('bad_signature'));
    const typ = encode(JSON.stringify({ alg: signer.alg, typ: 'JWT', kid: signer.kid }));
    expect(verify(`${typ}.${payload}.${signature}`)).toBe(rejected('bad_signature'));
  });

  it('refuses another issuer before it looks for a key', () => {
    for (const iss of [
      `${ISSUER}/`,
      ISSUER.toUpperCase(),
      'https://evil.example',
      '',
      1,
      [ISSUER],
    ]) {
      const foreign = signer.sign(validClaims({ iss }), { kid: 'unknown' });
      expect(verify(foreign)).toBe(rejected('wrong_issuer'));
    }
    expect(verify(signer.sign(validClaims({ iss: undefined })))).toBe(rejected('wrong_issuer'));
  });

  it.each([
    ['exp is missing', { exp: undefined }],
    ['exp is text', { exp: '1790000300' }],
    ['exp is a fraction', { exp: 1_790_000_300.5 }],
    ['exp is negative', { exp: -1 }],
    ['iat is null', { iat: null }],
    ['nbf is an object', { nbf: {} }],
    ['sub is no principal id', { sub: 'alice' }],
    ['aud is empty', { aud: [] }],
    ['aud holds a number', { aud: ['a', 1] }],
    ['jti is missing', { jti: undefined }],
    ['scope is a list', { scope: ['read:users'] }],
    ['roles is text', { roles: 'admin' }],
    ['cid names no version', { cid: 'key_01JD0000000000000000000000' }],
    ['restrictions are not known', { restrictions: { countries: ['CH'] } }],
    ['restrictions are empty', { restrictions: { ips: [] } }],
    ['metadata is a list', { meta: [] }],
  ])('refuses claims of which %s, although we signed them', (_, claims) => {
    expect(verify(signer.sign(validClaims(claims)))).toBe(rejected('malformed_claims'));
  });

  it('refuses exp 1e400, which JSON.parse reads as Infinity', () => {
    const claims = JSON.stringify(validClaims()).replace(/"exp":\d+/, '"exp":1e400');
    const { alg, kid } = signer;
    const forever = signer.signRaw(JSON.stringify({ alg, typ: 'at+jwt', kid }), claims);
    expect(verify(forever)).toBe(rejected('malformed_claims'));
  });

  it('refuses a payload that is no object, although we signed it', () => {
    for (const claims of [null, 1, 'text', [validClaims()], true]) {
      expect(verify(signer.sign(claims))).toBe(rejected('malformed_token'));
    }
  });

  it('takes application/at+jwt for at+jwt, and leaves other types as they are (RFC 9068 §4)', () => {
    const typOf = (typ: unknown) => verify(signer.sign(validClaims(), { typ }));
    expect(typOf('application/at+jwt')).toMatchObject({ typ: 'at+jwt' });
    expect(typOf('JWT')).toMatchObject({ typ: 'JWT' });
    expect(typOf('AT+JWT')).toMatchObject({ typ: 'AT+JWT' });
    expect(typOf(undefined)).toMatchObject({ typ: null });
  });
});

describe('verifySignature', () => {
  it('refuses an ES256 signature in DER (RFC 7518 §3.4)', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' };
    const input = ['{"alg":"ES256","typ":"at+jwt","kid":"k"}', JSON.stringify(validClaims())]
      .map(encode)
      .join('.');
    const token = (signature: Buffer) => `${input}.${encode(signature)}`;
    const only = keySetFromJwks({ keys: [jwk] });
    const raw = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const der = createSign('sha256').update(input).sign(privateKey);
    expect(verifySignature(token(raw), only, ISSUER).ok).toBe(true);
    expect(verifySignature(token(der), only, ISSUER)).toBe(rejected('bad_signature'));
  });

  it('refuses an ES256 signature whose r or s is zero, or not below the order', () => {
    const signer = createSigner('ES256');
    const [header, payload, signature = ''] = signer.sign(validClaims()).split('.');
    const octets = Buffer.from(signature, 'base64url');
    const order = Buffer.from(
      'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
      'hex',
    );
    const [r, s, zero] = [octets.subarray(0, 32), octets.subarray(32), Buffer.alloc(32)];
    for (const parts of [
      [zero, s],
      [r, zero],
      [zero, zero],
      [order, s],
      [r, order],
      [order, order],
    ]) {
      const token = [header, payload, encode(Buffer.concat(parts))].join('.');
      expect(verifySignature(token, signer.keys, ISSUER)).toBe(rejected('bad_signature'));
    }
  });

  it.each(SIGNATURE_VECTORS)('accepts $title as no token of ours', ({ jwk, token }) => {
    expect(verifySignature(token, keySetFromJwks({ keys: [jwk] }), ISSUER).ok).toBe(false);
  });

  it('knows no key when there is none', () => {
    const token = createSigner('ES256').sign(validClaims());
    expect(verifySignature(token, new Map(), ISSUER)).toBe(rejected('unknown_signing_key'));
  });
});
