import { describe, expect, it } from '@jest/globals';
import { clerkPermissions } from './clerk-permissions.js';

const session = (fea: unknown, per: unknown, fpm: unknown, v: unknown = 2) => ({
  v,
  fea,
  o: { id: 'org_1', slg: 'acme', rol: 'admin', per, fpm },
});

describe('clerkPermissions', () => {
  it.each<[string, object, string[]]>([
    [
      'the lowest bit for the first permission, number by number for the features',
      session('o:invoices,o:members', 'manage,read', '3,2'),
      ['org:invoices:manage', 'org:invoices:read', 'org:members:read'],
    ],
    [
      'only features that the organization has',
      session('u:beta,o:invoices,uo:members', 'read', '0,1'),
      ['org:members:read'],
    ],
    [
      'more permissions than a number of JavaScript has bits',
      session(
        'o:a',
        Array.from({ length: 80 }, (_, n) => `p${n}`).join(','),
        (2n ** 79n + 2n ** 53n + 1n).toString(),
      ),
      ['org:a:p0', 'org:a:p53', 'org:a:p79'],
    ],
  ])('reads %s', (_what, claims, permissions) => {
    expect(clerkPermissions(claims as Record<string, unknown>)).toEqual(permissions);
  });

  it.each<[string, object]>([
    ['another version', session('o:a', 'read', '1', 3)],
    ['a version in words', session('o:a', 'read', '1', '2')],
    ['no active organization', { v: 2, fea: 'u:a' }],
    ['a number too few', session('o:a,o:b', 'read', '1')],
    ['a number too many', session('o:a', 'read', '1,1')],
    ['a bit for a permission that is not there', session('o:a', 'read', '2')],
    ['no permissions', session('o:a', '', '1')],
    ['a negative number', session('o:a', 'read', '-1')],
    ['a number in another notation', session('o:a', 'read', '0x1')],
    ['a feature without scope', session('a', 'read', '1')],
    ['a feature of an unknown scope', session('o:a,x:b', 'read', '1')],
    ['a feature with a colon', session('o:a:b', 'read', '1')],
    ['lists that are arrays', session(['o:a'], ['read'], [1])],
  ])('reads none of %s', (_what, claims) => {
    expect(clerkPermissions(claims as Record<string, unknown>)).toEqual([]);
  });
});
