import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Change } from './change.js';
import { RecentChanges } from './recent-changes.js';

function change(position: number, subject: string): Change {
  return { position, kind: 'api_key', subject, revocation: null };
}

describe('RecentChanges', () => {
  it('tells whether a subject changed after a position', () => {
    const recent = new RecentChanges();
    recent.add(change(5, 'a'));
    recent.add(change(6, 'b'));
    expect(recent.anySince(4, ['a'])).toBe(true);
    expect(recent.anySince(5, ['a'])).toBe(false);
    expect(recent.anySince(5, ['a', 'b'])).toBe(true);
    expect(recent.anySince(6, ['a', 'b'])).toBe(false);
    expect(recent.anySince(4, ['c'])).toBe(false);
    expect(recent.anySince(4, [])).toBe(false);
  });

  it('knows of nothing that has not been applied: a reading may be ahead of the feed', () => {
    const recent = new RecentChanges();
    recent.add(change(5, 'a'));
    expect(recent.anySince(100, ['a'])).toBe(false);
  });

  it('says yes when it cannot tell, because the position lies before what is remembered', () => {
    const recent = new RecentChanges(10);
    for (let position = 101; position <= 150; position += 1) recent.add(change(position, 'a'));
    expect(recent.anySince(100, ['another'])).toBe(true);
    expect(recent.anySince(149, ['another'])).toBe(false);
  });

  it('says no before anything was applied, and after all was forgotten', () => {
    const recent = new RecentChanges();
    expect(recent.anySince(0, ['a'])).toBe(false);
    recent.add(change(1, 'a'));
    recent.clear();
    expect(recent.anySince(0, ['a'])).toBe(false);
  });

  it('never misses a change, remembers at least its capacity, and is exact within it', () => {
    const subject = fc.constantFrom<string>('a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.array(subject, { minLength: 1, maxLength: 60 }),
        fc.nat(1000),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(80),
        fc.uniqueArray(subject),
        (subjects, before, capacity, offset, asked) => {
          const recent = new RecentChanges(capacity);
          const all = subjects.map((one, index) => change(before + index + 1, one));
          for (const one of all) recent.add(one);
          const position = before + offset;
          const truth = all.some((one) => one.position > position && asked.includes(one.subject));
          const answer = recent.anySince(position, asked);
          if (truth) expect(answer).toBe(true);
          if (all.length - offset <= capacity) expect(answer).toBe(truth);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
