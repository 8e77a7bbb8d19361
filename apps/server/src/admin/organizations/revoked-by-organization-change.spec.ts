import { describe, expect, it } from '@jest/globals';
import { revokedByOrganizationChange } from './revoked-by-organization-change.js';

const ACTIVE = { id: 'org_1', status: 'active' } as const;
const DISABLED = { id: 'org_1', status: 'disabled' } as const;
const ENTRY = { type: 'organization', id: 'org_1', organizationId: 'org_1' };

describe('what a change of an organization revokes', () => {
  it.each([
    ['disabled', ACTIVE, DISABLED, [{ ...ENTRY, final: false }]],
    ['deleted', ACTIVE, null, [{ ...ENTRY, final: true }]],
    ['deleted while disabled', DISABLED, null, [{ ...ENTRY, final: true }]],
    ['taken up again', DISABLED, ACTIVE, []],
    ['renamed', ACTIVE, ACTIVE, []],
  ])('when it is %s', (_, before, after, revoked) => {
    expect(revokedByOrganizationChange(before, after)).toEqual(revoked);
  });
});
