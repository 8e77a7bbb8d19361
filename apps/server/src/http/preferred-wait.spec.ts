import { describe, expect, it } from '@jest/globals';
import { preferredWaitSeconds } from './preferred-wait.js';

describe('preferredWaitSeconds', () => {
  it.each([
    ['wait=10', 10],
    ['wait=0', 0],
    ['WAIT = 5', 5],
    ['wait="7"', 7],
    ['respond-async, wait=3', 3],
    ['respond-async;x=y, wait=3; z', 3],
    ['note="a, wait=9", wait=2', 2],
    ['note="a\\", wait=9", wait=2', 2],
    ['wait=1, wait=2', 1],
  ])('should read %s', (header, seconds) => {
    expect(preferredWaitSeconds(header)).toBe(seconds);
  });

  it('should read what came in several headers', () => {
    expect(preferredWaitSeconds(['return=minimal', 'wait=4'])).toBe(4);
  });

  it.each([
    undefined,
    '',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=1e3',
    'wait=ten',
    'await=5',
    'note="wait=5"',
    'note="never ended, wait=5',
    'note="never ended\\", wait=5\\',
    'wait=x, wait=5',
    'wait=99999999999999999999',
  ])('should take no wait out of %s', (header) => {
    expect(preferredWaitSeconds(header)).toBeNull();
  });

  it.each([
    ['quotes that are escaped', '"', '\\"', ''],
    ['quotes that are escaped, and a last backslash', '"', '\\"', '\\'],
    ['backslashes', '"', '\\', ''],
    ['quotes', '', '"', ''],
    ['commas in quotes', '', '","', ''],
    ['spaces', 'wait=', ' ', '1x'],
    ['commas', '', ',', ''],
  ])('should read a long line of %s in one go', (_, start, part, end) => {
    // By the square of its length, this would take hours.
    expect(preferredWaitSeconds(start + part.repeat(1_000_000) + end)).toBeNull();
  });
});
