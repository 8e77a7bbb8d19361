import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { revokedByRoleChange } from './revoked-by-role-change.js';

const scopes = fc.subarray(['a', 'b', 'c']);

describe('what a change of a role revokes', () => {
  it('is an entry by its name whenever it gives a scope no more, and nothing otherwise', () => {
    fc.assert(
      fc.property(scopes, scopes, (before, after) => {
        const isLess = before.some((scope) => !after.includes(scope));
        const revoked = revokedByRoleChange(
          { name: 'exporter', scopes: before },
          { scopes: after },
        );
        const entry = { type: 'role', id: 'exporter', final: false, organizationId: null };
        expect(revoked).toEqual(isLess ? [entry] : []);
      }),
    );
  });

  it('is never final, since whoever held it may hold more', () => {
    const deleted = revokedByRoleChange({ name: 'exporter', scopes: [] }, null);
    expect(deleted).toEqual([{ type: 'role', id: 'exporter', final: false, organizationId: null }]);
  });
});
