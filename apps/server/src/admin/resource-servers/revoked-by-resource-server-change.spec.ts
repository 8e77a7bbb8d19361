import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { revokedByResourceServerChange } from './revoked-by-resource-server-change.js';

const AUDIENCE = 'https://api.example.com';
const ENTRY = {
  type: 'audience',
  id: AUDIENCE,
  final: false,
  audiences: [AUDIENCE],
  organizationId: null,
};
const scopes = fc.subarray(['a', 'b', 'c']);

describe('what a change of a resource server revokes', () => {
  it('is an entry by its audience whenever it defines a scope no more, and nothing otherwise', () => {
    fc.assert(
      fc.property(scopes, scopes, (before, after) => {
        const isLess = before.some((scope) => !after.includes(scope));
        const row = { audience: AUDIENCE, scopes: before };
        const revoked = revokedByResourceServerChange(row, { scopes: after });
        expect(revoked).toEqual(isLess ? [ENTRY] : []);
      }),
    );
  });

  it('is never final, since a token may be for others too', () => {
    const row = { audience: AUDIENCE, scopes: [] };
    expect(revokedByResourceServerChange(row, null)).toEqual([ENTRY]);
  });
});
