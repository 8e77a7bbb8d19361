import { describe, expect, it } from '@jest/globals';
import { claimAt } from './claim-at.js';

const CLAIMS = {
  sub: 'alice',
  realm_access: { roles: ['a'] },
  'https://acme.example/plan': 'gold',
  'a~b': { 'c/d': 1 },
  '': 'empty',
};

describe('claimAt', () => {
  it.each([
    ['/sub', 'alice'],
    ['/realm_access/roles', ['a']],
    ['/https:~1~1acme.example~1plan', 'gold'],
    ['/a~0b/c~1d', 1],
  ])('follows %s (RFC 6901 §4)', (pointer, value) => {
    expect(claimAt(CLAIMS, pointer)).toEqual(value);
  });

  it.each([
    '/nobody',
    '/sub/length',
    '/realm_access/roles/0',
    '/realm_access/roles/length',
    '/__proto__',
    '/constructor/name',
    '/realm_access/toString',
  ])('finds nothing at %s', (pointer) => {
    expect(claimAt(CLAIMS, pointer)).toBeUndefined();
  });
});
