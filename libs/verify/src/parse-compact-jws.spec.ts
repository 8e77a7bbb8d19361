import { describe, expect, it } from '@jest/globals';
import { SIGNATURE_VECTORS } from '../test/rfc-vectors.js';
import { createSigner, encode, validClaims } from '../test/signer.js';
import { parseCompactJws } from './parse-compact-jws.js';
import { rejected } from './rejection.js';

const signer = createSigner('ES256');
const token = signer.sign(validClaims());
const [header = '', payload = '', signature = ''] = token.split('.');
const malformed = rejected('malformed_token');

/** A token of these parts; the signature plays no role here. */
const withHeader = (text: string | Uint8Array) => `${encode(text)}.${payload}.${signature}`;
const withPayload = (octets: string | Uint8Array) => `${header}.${encode(octets)}.${signature}`;

describe('parseCompactJws', () => {
  it('yields header, payload, signing input and signature', () => {
    expect(parseCompactJws(token)).toMatchObject({
      ok: true,
      header: { alg: 'ES256', kid: signer.kid, typ: 'at+jwt' },
      payload: validClaims(),
      signingInput: `${header}.${payload}`,
      signature: Buffer.from(signature, 'base64url'),
    });
  });

  it.each(SIGNATURE_VECTORS.slice(0, 2))('parses $title', ({ token: vector, jwk: { alg } }) => {
    expect(parseCompactJws(vector)).toMatchObject({
      ok: true,
      header: { alg, kid: null, typ: null },
      payload: { iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true },
    });
  });

  describe('accepts three non-empty parts only (RFC 7515 §3.1)', () => {
    it.each([
      ['nothing', ''],
      ['dots', '..'],
      ['one part', header],
      ['two parts', `${header}.${payload}`],
      ['no header', `.${payload}.${signature}`],
      ['no payload', `${header}..${signature}`],
      ['no signature (RFC 7515 A.5)', `${header}.${payload}.`],
      ['four parts', `${token}.AAAA`],
      ['a dot at the end', `${token}.`],
      ['a JWE, five parts (RFC 7516 §3.1)', `${header}.AAAA.AAAA.AAAA.AAAA`],
      ['flattened JSON serialization', JSON.stringify({ protected: header, payload, signature })],
      [
        'general JSON serialization',
        JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
      ],
    ])('not %s', (_, text) => {
      expect(parseCompactJws(text)).toBe(malformed);
    });

    it('not what is no string', () => {
      for (const value of [undefined, null, 1, {}, [token], Buffer.from(token)]) {
        expect(parseCompactJws(value as string)).toBe(malformed);
      }
    });
  });

  describe('accepts one spelling only (RFC 7515 §2)', () => {
    const parts = { header, payload, signature };
    const respelt = (part: keyof typeof parts, text: string) =>
      Object.values({ ...parts, [part]: text }).join('.');

    it.each(['header', 'payload', 'signature'] as const)('of the %s', (part) => {
      const text = parts[part];
      for (const spelling of [
        `${text}=`,
        `${text}==`,
        ` ${text}`,
        `${text}\n`,
        `${text.slice(0, 8)}\r\n${text.slice(8)}`,
        `${text.slice(0, 8)}\t${text.slice(8)}`,
        `${text.slice(0, 8)}+${text.slice(9)}`,
        `${text.slice(0, 8)}/${text.slice(9)}`,
        `${text.slice(0, 8)}%2D${text.slice(9)}`,
        `${text.slice(0, 8)}${String.fromCharCode(text.charCodeAt(8) + 0x100)}${text.slice(9)}`,
        `${text}\0`,
        `\u{feff}${text}`,
      ]) {
        expect(parseCompactJws(respelt(part, spelling))).toBe(malformed);
      }
    });

    it('not one whose spare bits are set', () => {
      // 64 octets leave four spare bits: the last of 86 characters is one of A, Q, g and w.
      const spare = String.fromCharCode(signature.charCodeAt(85) + 1);
      expect(parseCompactJws(respelt('signature', signature.slice(0, 85) + spare))).toBe(malformed);
    });

    it('not one with anything around it', () => {
      for (const text of [
        ` ${token}`,
        `${token} `,
        `${token}\n`,
        `Bearer ${token}`,
        `"${token}"`,
      ]) {
        expect(parseCompactJws(text).ok).toBe(false);
      }
    });
  });

  describe('refuses a header', () => {
    it.each([
      ['that is not JSON', '{"alg":"ES256"'],
      ['that is an array', '[{"alg":"ES256"}]'],
      ['that is null', 'null'],
      ['that is a string', '"ES256"'],
      ['with a byte order mark (RFC 8259 §8.1)', '\u{feff}{"alg":"ES256"}'],
      ['with text after it', '{"alg":"ES256"}{}'],
      ['that names alg twice (RFC 7515 §4)', '{"alg":"ES256","alg":"ES256"}'],
      ['that names alg twice, once escaped', '{"alg":"ES256","\\u0061lg":"none"}'],
      ['that names kid twice', '{"alg":"ES256","kid":"a","kid":"a"}'],
      ['with crit (RFC 7515 §4.1.11)', '{"alg":"ES256","crit":["exp"],"exp":1}'],
      ['with empty crit', '{"alg":"ES256","crit":[]}'],
      ['with b64 (RFC 7797 §3)', '{"alg":"ES256","b64":false,"crit":["b64"]}'],
      ['with b64 alone', '{"alg":"ES256","b64":true}'],
      ['with jku (RFC 7515 §4.1.2)', '{"alg":"ES256","jku":"https://evil.example/jwks"}'],
      ['with jwk (RFC 7515 §4.1.3)', '{"alg":"ES256","jwk":{"kty":"EC"}}'],
      ['with x5u (RFC 7515 §4.1.5)', '{"alg":"ES256","x5u":"https://evil.example/cert"}'],
      ['with x5c (RFC 7515 §4.1.6)', '{"alg":"ES256","x5c":["MIIB"]}'],
      ['with jku null', '{"alg":"ES256","jku":null}'],
      ['whose kid is no string', '{"alg":"ES256","kid":1}'],
      ['whose typ is no string', '{"alg":"ES256","typ":["at+jwt"]}'],
      ['of more than 1024 characters', JSON.stringify({ alg: 'ES256', kid: 'k'.repeat(800) })],
    ])('%s', (_, text) => {
      expect(parseCompactJws(withHeader(text))).toBe(malformed);
    });

    it('that is not valid UTF-8', () => {
      const octets = Buffer.from('{"alg":"ES256","kid":"\xff"}', 'latin1');
      expect(parseCompactJws(withHeader(octets))).toBe(malformed);
    });

    it('again when it was refused before', () => {
      const text = withHeader('{"alg":"ES256","crit":["x"]}');
      expect([parseCompactJws(text), parseCompactJws(text)]).toEqual([malformed, malformed]);
    });

    it.each([
      ...['none', 'None', 'NONE', 'nOnE', 'none ', ''],
      ...['HS256', 'HS384', 'HS512', 'RS384', 'RS512', 'PS256', 'ES256K', 'ES384', 'EdDSA'],
      ...['Ed448', 'es256', 'ES256 ', 'ES256\0', 'RSA-OAEP', 'dir', '__proto__', 'constructor'],
      ...[null, 256, true, ['ES256'], { toString: 'ES256' }, undefined],
    ])('whose alg is %p, before any cryptography (RFC 8725 §3.1)', (alg) => {
      const text = JSON.stringify({ alg, kid: signer.kid });
      expect(parseCompactJws(withHeader(text))).toBe(rejected('unsupported_algorithm'));
    });

    it('whose alg is inherited', () => {
      expect(parseCompactJws(withHeader('{"__proto__":{"alg":"ES256"}}'))).toBe(
        rejected('unsupported_algorithm'),
      );
    });
  });

  it('reads a header once and shares the result, frozen', () => {
    const [first, second] = [parseCompactJws(token), parseCompactJws(token)];
    if (!first.ok || !second.ok) throw new Error('not parsed');
    expect(first.header).toBe(second.header);
    expect(Object.isFrozen(first.header)).toBe(true);
  });

  it('reads on after more headers than it remembers', () => {
    for (let n = 0; n < 1000; n++) {
      const text = withHeader(JSON.stringify({ alg: 'ES256', kid: `kid ${n}` }));
      expect(parseCompactJws(text)).toMatchObject({ header: { kid: `kid ${n}` } });
    }
  });

  describe('refuses a payload', () => {
    it.each([
      ['null', 'null'],
      ['a number', '1'],
      ['a string', '"{}"'],
      ['an array', '[]'],
      ['true', 'true'],
      ['text', 'Example of Ed25519 signing'],
      ['JSON with a byte order mark', '\u{feff}{}'],
      ['JSON with text after it', '{} {}'],
      ['JSON with a comment', '{/**/}'],
      ['JSON cut short', '{"iss":"'],
    ])('that is %s', (_, text) => {
      expect(parseCompactJws(withPayload(text))).toBe(malformed);
    });

    it.each([
      ['a stray continuation', [0x80]],
      ['an overlong slash', [0xc0, 0xaf]],
      ['an encoded surrogate', [0xed, 0xa0, 0x80]],
      ['a code point past U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
      ['a sequence cut short', [0xe2, 0x82]],
    ])('that is not valid UTF-8: %s (RFC 3629 §3)', (_, octets) => {
      const text = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(octets), Buffer.from('"}')]);
      expect(parseCompactJws(withPayload(text))).toBe(malformed);
    });

    it('that is JSON in UTF-16', () => {
      expect(parseCompactJws(withPayload(Buffer.from('{}', 'utf16le')))).toBe(malformed);
    });
  });

  it('takes of claims that are named twice the last (RFC 7519 §4)', () => {
    expect(parseCompactJws(withPayload('{"iss":"a","iss":"b"}'))).toMatchObject({
      payload: { iss: 'b' },
    });
  });

  it('takes a __proto__ in the payload for a name like others', () => {
    const jws = parseCompactJws(withPayload('{"__proto__":{"iss":"evil"}}'));
    if (!jws.ok) throw new Error('not parsed');
    expect(jws.payload['iss']).toBeUndefined();
  });

  it('accepts 8192 characters, not one more', () => {
    // White space after the claims (RFC 8259 §2), so that the length comes out exactly.
    const fill = 8192 - header.length - signature.length - 2;
    const longest = withPayload('{}'.padEnd(Math.floor((fill * 3) / 4)));
    expect(longest).toHaveLength(8192);
    expect(parseCompactJws(longest).ok).toBe(true);
    expect(parseCompactJws(`${longest}A`)).toBe(malformed);
  });

  it('refuses 100 kB, whatever is in it', () => {
    expect(parseCompactJws(withPayload('{}'.padEnd(75_000)))).toBe(malformed);
    expect(parseCompactJws('.'.repeat(100_000))).toBe(malformed);
  });
});
