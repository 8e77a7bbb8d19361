import { describe, expect, it } from '@jest/globals';
import type { ClaimMapping } from '@countersign/contracts';
import fc from 'fast-check';
import { mapScopes } from './map-scopes.js';

describe('mapScopes', () => {
  const CEILING = ['read', 'write'];

  it.each<[string, ClaimMapping['scopes'], object, string[]]>([
    ['a string of scopes', [{ claim: '/scope' }], { scope: 'write read other' }, ['read', 'write']],
    ['an array', [{ claim: '/scp' }], { scp: ['write', 'write', 7, null] }, ['write']],
    ['nested roles', [{ claim: '/a/roles' }], { a: { roles: ['read'] } }, ['read']],
    ['several claims', [{ claim: '/a' }, { claim: '/b' }], { a: 'read', b: ['write'] }, CEILING],
    [
      'mapped values only',
      [{ claim: '/g', map: { x: ['read'] } }],
      { g: ['x', 'write'] },
      ['read'],
    ],
    ['the ceiling', 'ceiling', {}, CEILING],
    ['nothing of an object', [{ claim: '/scope' }], { scope: { read: true } }, []],
    ['nothing of what is absent', [{ claim: '/scope' }], {}, []],
    [
      'what a transform makes of claims, by a map of its own',
      [{ transform: 'clerk_permissions', map: { 'org:users:see': ['read'] } }],
      { v: 2, fea: 'o:users', o: { per: 'see', fpm: '1' } },
      ['read'],
    ],
    ['nothing by a member of Object', [{ claim: '/g', map: {} }], { g: ['constructor'] }, []],
  ])('reads %s', (_what, sources, claims, scopes) => {
    expect(mapScopes(claims as Record<string, unknown>, sources, CEILING)).toEqual(scopes);
  });

  it('never yields a scope outside of the ceiling, nor a reserved one, whatever the claims', () => {
    const name = fc.constantFrom('scope', 'roles', 'realm', '__proto__', 'constructor');
    const scope = fc.oneof(
      fc.constantFrom('read', 'write', 'countersign:admin', 'COUNTERSIGN:x', 'with space', ''),
      fc.string({ unit: 'binary' }),
    );
    const text = fc.oneof(
      scope,
      fc.array(scope).map((scopes) => scopes.join(' ')),
    );
    const { claims } = fc.letrec((tie) => ({
      value: fc.oneof(text, fc.array(tie('value')), tie('claims'), fc.jsonValue()),
      claims: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    }));
    const pointer = fc
      .array(name, { minLength: 1, maxLength: 3 })
      .map((path) => `/${path.join('/')}`);
    const source = fc.record(
      { claim: pointer, map: fc.dictionary(scope, fc.array(scope)) },
      { requiredKeys: ['claim'] },
    );
    const packed = fc.constant({ transform: 'clerk_permissions' as const });
    const sources = fc.oneof(fc.constant('ceiling' as const), fc.array(fc.oneof(source, packed)));
    fc.assert(
      // The ceiling itself is as if nothing had been checked when it was stored.
      fc.property(claims, sources, fc.array(scope), (random, mapping, ceiling) => {
        const scopes = mapScopes(random, mapping, ceiling);
        for (const each of scopes) {
          expect(ceiling).toContain(each);
          expect(each).not.toMatch(/^countersign:|\s/i);
        }
        expect(scopes).toEqual([...new Set(scopes)].sort());
      }),
      { numRuns: 3_000 },
    );
  });
});
