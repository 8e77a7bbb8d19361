import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonObject } from './parse-json-object.js';

/** Invalid UTF-8 of each kind. */
const INVALID = ['ff', '80', 'c0af', 'c3', 'e282', 'eda080', 'edb080', 'f4908080', 'f0808080'];

describe('parseJsonObject', () => {
  it('reads an object, and tells from what text', () => {
    const text = '{"a":"é\u{1f600}"}';
    expect(parseJsonObject(Buffer.from(text))).toEqual({ members: { a: 'é\u{1f600}' }, text });
  });

  it.each(INVALID)('refuses %s within a text: it is not UTF-8', (octets) => {
    for (const around of ['', 'x', 'é', '\ufffd']) {
      const text = Buffer.concat([
        Buffer.from(`{"a":"${around}`),
        Buffer.from(octets, 'hex'),
        Buffer.from(`${around}"}`),
      ]);
      expect(parseJsonObject(text)).toBeNull();
    }
  });

  it('takes U+FFFD where it was written as that', () => {
    expect(parseJsonObject(Buffer.from('{"a":"\ufffd"}'))?.members).toEqual({ a: '\ufffd' });
  });

  it.each(['\ufeff{}', '[]', '"x"', '1', 'null', '', '{', '{}x'])('refuses %j', (text) => {
    expect(parseJsonObject(Buffer.from(text))).toBeNull();
  });

  it('reads octets as UTF-8 exactly where a strict decoder does', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0xc3, 0xa9, 0xe2, 0xef, 0xbf, 0xbd)), {
          maxLength: 8,
        }),
        (octets) => {
          const json = Buffer.concat([
            Buffer.from('{"a":"'),
            Buffer.from(octets),
            Buffer.from('"}'),
          ]);
          expect(parseJsonObject(json)).toEqual(read(strict, json));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads no further than it is told', () => {
    expect(parseJsonObject(Buffer.from('{}}'), 2)?.members).toEqual({});
    expect(parseJsonObject(Buffer.from('{"a":1}'), 6)).toBeNull();
    expect(parseJsonObject(Buffer.from('{}\xff', 'latin1'), 2)?.members).toEqual({});
  });
});

function read(decoder: { decode(octets: Buffer): string }, octets: Buffer) {
  try {
    const text = decoder.decode(octets);
    const members: unknown = JSON.parse(text);
    return Object(members) === members && !Array.isArray(members) ? { members, text } : null;
  } catch {
    return null;
  }
}
