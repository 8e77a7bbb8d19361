import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sortedSet } from './sorted-set.js';

const lists = fc.array(fc.string({ maxLength: 2 }), { maxLength: 5 });

describe('sortedSet', () => {
  it('has each value but the empty one, once, by code unit', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const expected = [...new Set(values)].filter((value) => value !== '').sort();
        expect(sortedSet(values)).toEqual(expected);
      }),
    );
  });

  it('leaves the list that it is given as it was, and is that list where it can be', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const before = Object.freeze([...values]);
        const sorted = sortedSet(before);
        expect(before).toEqual(values);
        expect(sortedSet(sorted)).toBe(sorted);
        expect(Object.isFrozen(sorted)).toBe(true);
      }),
    );
  });
});
