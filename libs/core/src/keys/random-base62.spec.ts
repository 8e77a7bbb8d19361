import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBase62, toBase62 } from './random-base62.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('randomBase62', () => {
  it('has exactly the length that was asked for, and base62 characters only', () => {
    fc.assert(
      fc.property(fc.nat(100), (length) => {
        expect(randomBase62(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
      }),
    );
  });

  it('prefers no character to another', () => {
    const drawn = 62_000;
    const counts = new Map<string, number>();
    for (const character of randomBase62(drawn)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = drawn / 62;
    const chiSquared = [...ALPHABET]
      .map((character) => ((counts.get(character) ?? 0) - expected) ** 2 / expected)
      .reduce((sum, term) => sum + term, 0);
    // 61 degrees of freedom: a fair source exceeds 150 once in 10^8 runs; one that takes a byte
    // modulo 62 comes to about 6,000.
    expect(counts.size).toBe(62);
    expect(chiSquared).toBeLessThan(150);
  });

  it('does not repeat itself', () => {
    const ids = Array.from({ length: 2_000 }, () => randomBase62(16));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('toBase62', () => {
  it('keeps the value, as far as it fits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
        fc.integer({ min: 1, max: 22 }),
        (value, length) => {
          const text = toBase62(value, length);
          const back = [...text].reduce(
            (sum, digit) => sum * 62n + BigInt(ALPHABET.indexOf(digit)),
            0n,
          );
          expect(text).toHaveLength(length);
          expect(back).toBe(value % 62n ** BigInt(length));
        },
      ),
    );
  });

  it('pads on the left', () => {
    expect(toBase62(61n, 4)).toBe('000z');
    expect(toBase62(0n, 3)).toBe('000');
  });
});
