import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sipHashDouble } from '../../test/sip-hash-double.js';
import { SIP_HASH_VECTORS } from '../../test/sip-hash-vectors.js';
import { SipHash } from './sip-hash.js';

const latin1 = fc
  .uint8Array({ maxLength: 200 })
  .map((octets) => Buffer.from(octets).toString('latin1'));

describe('SipHash', () => {
  it('gives the reference implementation’s vectors for 0 to 63 bytes', () => {
    const sipHash = new SipHash(Uint8Array.from({ length: 16 }, (_, at) => at));
    const given = SIP_HASH_VECTORS.map((_, length) =>
      hexOf(sipHash.of(String.fromCharCode(...Array.from({ length }, (__, at) => at)))),
    );
    expect(given).toEqual(SIP_HASH_VECTORS);
  });

  it('gives what another implementation does, for any key and any text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), latin1, (key, text) => {
        const words = Buffer.from(key);
        const [d = 0, c = 0, b = 0, a = 0] = sipHashDouble.hash(
          [0, 4, 8, 12].map((at) => words.readUInt32LE(at)),
          Buffer.from(text, 'latin1'),
        );
        const expected = Buffer.alloc(16);
        [a, b, c, d].forEach((word, at) => expected.writeUInt32LE(word, at * 4));
        expect(hexOf(new SipHash(key).of(text))).toBe(expected.toString('hex'));
      }),
    );
  });

  it('has no value for a text with a character that is more than one byte', () => {
    const sipHash = new SipHash(new Uint8Array(16));
    for (const text of ['Ā', '12345678Ā', 'Ā2345678', '1234Ā678', '\u{1f511}'])
      expect(sipHash.of(text)).toBeUndefined();
    expect(sipHash.of('ÿ'.repeat(20))).toHaveLength(8);
  });

  it('takes no key of another length', () => {
    expect(() => new SipHash(new Uint8Array(15))).toThrow(RangeError);
  });
});

function hexOf(units: string | undefined): string {
  return Buffer.from(units ?? '', 'utf16le').toString('hex');
}
