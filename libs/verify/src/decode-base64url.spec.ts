import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeBase64url,
  decodeLatin1Base64url,
  writeLatin1Base64url,
} from './decode-base64url.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('decodeBase64url', () => {
  it.each([
    ['', ''],
    ['Zg', 'f'],
    ['Zm8', 'fo'],
    ['Zm9v', 'foo'],
    ['Zm9vYg', 'foob'],
    ['Zm9vYmE', 'fooba'],
    ['Zm9vYmFy', 'foobar'],
  ])('decodes the vector %p of RFC 4648 §10', (text, decoded) => {
    expect(decodeBase64url(text)?.toString('latin1')).toBe(decoded);
  });

  it('uses the URL-safe alphabet (RFC 4648 §5)', () => {
    expect(decodeBase64url('-_8')).toEqual(Buffer.from([0xfb, 0xff]));
    expect(decodeBase64url('+_8')).toBeNull();
    expect(decodeBase64url('-/8')).toBeNull();
  });

  it.each(['Zg==', 'Zg=', 'Zm8=', 'Zm9v=', '='])('refuses padding: %p (RFC 7515 §2)', (text) => {
    expect(decodeBase64url(text)).toBeNull();
  });

  it('refuses a length that no octets encode to', () => {
    expect(decodeBase64url('A')).toBeNull();
    expect(decodeBase64url('AAAAA')).toBeNull();
  });

  it('refuses every last character with spare bits that are not zero (RFC 4648 §3.5)', () => {
    const accepted = (prefix: string) =>
      [...ALPHABET].filter((last) => decodeBase64url(prefix + last) !== null).join('');
    expect(accepted('A')).toBe('AQgw');
    expect(accepted('AA')).toBe('AEIMQUYcgkosw048');
    expect(accepted('AAA')).toBe(ALPHABET);
  });

  it('refuses every UTF-16 code unit outside of the alphabet, wherever it stands', () => {
    const text = 'QUJDRUZHSElKS0xNTk9QUVJTVFVWV1hZ';
    const accepted = new Set<string>();
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      for (const at of [0, 1, 2, 3, 14, 29, 30, 31]) {
        const respelt = text.slice(0, at) + character + text.slice(at + 1);
        if (decodeBase64url(respelt) !== null) accepted.add(character);
      }
    }
    expect([...accepted].sort()).toEqual([...ALPHABET].sort());
  });

  it('refuses every character up to U+00FF outside of the alphabet without looking for ASCII', () => {
    const place = Buffer.alloc(64);
    for (const text of ['QUJDRUZHSElKS0xNTk9QUVJTVFVWV1hZ', 'QUJDRUZHSEk', 'QUJDRUZHSA', 'AA']) {
      for (let unit = 0; unit <= 0xff; unit++) {
        const character = String.fromCharCode(unit);
        for (let at = 0; at < text.length; at++) {
          const respelt = text.slice(0, at) + character + text.slice(at + 1);
          const expected = decodeBase64url(respelt);
          expect(decodeLatin1Base64url(respelt)).toEqual(expected);
          expect(written(respelt, place)).toEqual(expected);
        }
      }
    }
  });

  it('accepts a text exactly when encoding its octets gives it back', () => {
    const nearlyBase64url = fc.string({
      unit: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(...ALPHABET) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('+', '/', '=', ' ', '\n', '\0', 'ń', 'Ł', '\u2028'),
        },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
      ),
      maxLength: 40,
    });
    fc.assert(
      fc.property(nearlyBase64url, (text) => {
        const canonical = Buffer.from(text, 'base64url').toString('base64url') === text;
        expect(decodeBase64url(text) !== null).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes whatever was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const text = Buffer.from(octets).toString('base64url');
        expect(decodeBase64url(text)?.equals(octets)).toBe(true);
        expect(written(text, Buffer.alloc(400, 'x'))?.equals(octets)).toBe(true);
      }),
    );
  });
});

function written(text: string, place: Buffer): Buffer | null {
  const length = writeLatin1Base64url(text, place);
  return length === null ? null : place.subarray(0, length);
}
