import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PrincipalGrants } from './grants-of.js';
import { revokedByPrincipalChange } from './revoked-by-principal-change.js';

const SCOPES = ['a', 'b', 'c'];
const ACTORS = ['prn_2', 'prn_3'];
const ROLES = [
  { name: 'reader', scopes: ['a'] },
  { name: 'writer', scopes: ['a', 'b'] },
];

const grants: fc.Arbitrary<PrincipalGrants> = fc.record({
  id: fc.constant('prn_1'),
  organizationId: fc.constant('org_1'),
  status: fc.constantFrom('active', 'disabled'),
  scopes: fc.subarray(SCOPES),
  roles: fc.subarray(ROLES),
  actorIds: fc.subarray(ACTORS),
});

/** All that a principal is good for, each as one word. */
function rightsOf({ status, scopes, roles, actorIds }: PrincipalGrants): string[] {
  if (status === 'disabled') return [];
  return [
    ...[...scopes, ...roles.flatMap((role) => role.scopes)].map((scope) => `scope ${scope}`),
    ...roles.map(({ name }) => `role ${name}`),
    ...actorIds.map((id) => `actor ${id}`),
  ];
}

describe('what a change of a principal revokes', () => {
  it('is an entry whenever a scope, a role or an actor is lost, and nothing otherwise', () => {
    fc.assert(
      fc.property(grants, grants, (before, after) => {
        const had = rightsOf({ ...before, status: 'active' });
        const isLess =
          (before.status === 'active' && after.status === 'disabled') ||
          had.some((right) => !rightsOf({ ...after, status: 'active' }).includes(right));
        const lost = rightsOf(before).filter((right) => !rightsOf(after).includes(right));
        const revoked = revokedByPrincipalChange(before, after);
        if (lost.length > 0) expect(revoked).toHaveLength(1);
        if (!isLess) expect(revoked).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  const [reader, writer] = ROLES as [(typeof ROLES)[0], (typeof ROLES)[0]];
  const PRINCIPAL: PrincipalGrants = {
    id: 'prn_1',
    organizationId: null,
    status: 'active',
    scopes: ['a'],
    roles: [reader, writer],
    actorIds: [],
  };

  it('is final for a principal that is deleted, and not for one that is disabled', () => {
    const revoked = { type: 'principal', id: 'prn_1', organizationId: null };
    expect(revokedByPrincipalChange(PRINCIPAL, null)).toEqual([{ ...revoked, final: true }]);
    expect(revokedByPrincipalChange(PRINCIPAL, { ...PRINCIPAL, status: 'disabled' })).toEqual([
      { ...revoked, final: false },
    ]);
  });

  it('is nothing for a scope that a role gives as well', () => {
    expect(revokedByPrincipalChange(PRINCIPAL, { ...PRINCIPAL, scopes: [] })).toEqual([]);
  });

  it('is an entry for a role, though another one gives all of its scopes', () => {
    const withoutReader = { ...PRINCIPAL, roles: [writer] };
    expect(revokedByPrincipalChange(PRINCIPAL, withoutReader)).toHaveLength(1);
  });
});
