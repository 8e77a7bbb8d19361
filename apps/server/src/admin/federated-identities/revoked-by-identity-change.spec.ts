import { describe, expect, it } from '@jest/globals';
import { revokedByIdentityChange } from './revoked-by-identity-change.js';

const ACTIVE = { id: 'fid_1', organizationId: 'org_1', status: 'active' } as const;
const DISABLED = { ...ACTIVE, status: 'disabled' } as const;
const ENTRY = { type: 'credential', id: 'fid_1', organizationId: 'org_1' };

describe('what a change of a federated identity revokes', () => {
  it.each([
    ['disabled', ACTIVE, DISABLED, [{ ...ENTRY, final: false }]],
    ['deleted', ACTIVE, null, [{ ...ENTRY, final: true }]],
    ['deleted while disabled', DISABLED, null, [{ ...ENTRY, final: true }]],
    ['taken up again', DISABLED, ACTIVE, []],
  ])('when it is %s', (_, before, after, revoked) => {
    expect(revokedByIdentityChange(before, after)).toEqual(revoked);
  });
});
