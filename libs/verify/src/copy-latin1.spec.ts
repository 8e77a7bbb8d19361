import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyLatin1 } from './copy-latin1.js';

const place = Buffer.alloc(64, 'x');

describe('copyLatin1', () => {
  it('yields the same text exactly when it has no character beyond U+00FF', () => {
    const texts = fc.string({
      unit: fc.integer({ min: 0, max: 0x1_ff }).map((unit) => String.fromCharCode(unit)),
      maxLength: 64,
    });
    fc.assert(
      fc.property(texts, (text) => {
        const isLatin1 = [...text].every((character) => character <= '\xff');
        expect(copyLatin1(text, place)).toBe(isLatin1 ? text : null);
      }),
    );
  });

  it.each(['\u0144', '\u{1f600}', '\ud800', 'a\u0100'])(
    'refuses %j, whose lower bits are another character',
    (text) => {
      expect(copyLatin1(text, place)).toBeNull();
    },
  );

  it('leaves what it copied before as it was', () => {
    const first = copyLatin1('first', place);
    copyLatin1('other', place);
    expect(first).toBe('first');
  });
});
