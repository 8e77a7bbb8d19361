import { describe, expect, it } from '@jest/globals';
import { pathOf } from './path-of.js';

describe('pathOf', () => {
  it.each([
    ['/a/b?c=d', '/a/b'],
    ['/a/../b', '/a/../b'],
    ['https://api.test/a/%2e%2e/b?c', '/a/%2e%2e/b'],
    ['https://api.test?c', ''],
    ['https://api.test', ''],
    ['//evil.test/a', '//evil.test/a'],
    ['*', '*'],
  ])('takes the path of %s as it was on the wire', (url, path) => {
    expect(pathOf({ headers: {}, url })).toBe(path);
  });

  it('prefers what was there before a router took its prefix off', () => {
    expect(pathOf({ headers: {}, url: '/b', originalUrl: '/a/b?c' })).toBe('/a/b');
    expect(pathOf({ headers: {} })).toBeUndefined();
  });
});
