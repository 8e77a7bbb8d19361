import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STATUS_LIST_VECTORS } from '../../test/status-list-vectors.js';
import { encodeStatusList } from './encode-status-list.js';

/** As the specification's relying party reads a list. @see draft-ietf-oauth-status-list §8.3 */
function statusAt(lst: string, bits: number, index: number): number {
  const bytes = inflateSync(Buffer.from(lst, 'base64url'));
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(index / perByte)];
  if (byte === undefined) throw new Error('out of bounds');
  return (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
}

describe('encodeStatusList', () => {
  it.each(STATUS_LIST_VECTORS)('makes the same bytes as the vector of $name', (vector) => {
    const { statuses, size, bits, lst } = vector;
    const list = encodeStatusList(statuses, size, bits);
    const bytesOf = (text: string) => inflateSync(Buffer.from(text, 'base64url'));
    expect(bytesOf(list.lst).equals(bytesOf(lst))).toBe(true);
    expect(list.bits).toBe(bits);
  });

  it('compresses with the header of ZLIB, at the highest level', () => {
    const { lst } = encodeStatusList([], 65_536, 2);
    expect(Buffer.from(lst, 'base64url').subarray(0, 2).toString('hex')).toBe('78da');
    expect(lst.length).toBeLessThan(100);
  });

  it('gives every status back, whatever the others are', () => {
    const bits = fc.constantFrom<1 | 2 | 4 | 8>(1, 2, 4, 8);
    fc.assert(
      fc.property(bits, fc.array(fc.nat(255), { minLength: 1, maxLength: 40 }), (width, raw) => {
        const statuses = raw.map((status) => status % 2 ** width);
        const { lst } = encodeStatusList([...statuses.entries()], statuses.length, width);
        expect(statuses.map((_, index) => statusAt(lst, width, index))).toEqual(statuses);
      }),
    );
  });

  it('takes the last of two statuses of one place', () => {
    const { lst } = encodeStatusList(
      [
        [3, 1],
        [3, 2],
      ],
      8,
      2,
    );
    expect(statusAt(lst, 2, 3)).toBe(2);
  });

  it.each([
    [8, 1],
    [-1, 1],
    [0, 4],
    [0, -1],
  ])('refuses what does not fit: place %d, status %d', (index, status) => {
    expect(() => encodeStatusList([[index, status]], 8, 2)).toThrow(RangeError);
  });
});
