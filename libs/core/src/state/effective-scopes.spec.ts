import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { effectiveScopes } from './effective-scopes.js';

const scopes = fc.array(fc.constantFrom('a', 'B', 'b:1', 'countersign:admin', 'é', '_'));

describe('effectiveScopes', () => {
  it('are those that the credential has and its principal is granted; sorted, without repeats', () => {
    fc.assert(
      fc.property(scopes, scopes, (credential, granted) => {
        const both = credential.filter((scope) => granted.includes(scope));
        expect(effectiveScopes(credential, granted)).toEqual([...new Set(both)].sort());
      }),
    );
  });

  it('compares exactly: neither a prefix nor a wildcard nor another case counts', () => {
    expect(effectiveScopes(['read:users'], ['read', 'read:*', '*', 'READ:USERS'])).toEqual([]);
    expect(effectiveScopes(['read:*'], ['read:users'])).toEqual([]);
  });

  it('grants nothing for countersign:admin that is not in both', () => {
    expect(effectiveScopes(['countersign:keys:read'], ['countersign:admin'])).toEqual([]);
  });

  it('leaves what it was given as it was', () => {
    const [credential, granted] = [Object.freeze(['b', 'a']), Object.freeze(['a', 'b'])];
    expect(effectiveScopes(credential, granted)).toEqual(['a', 'b']);
  });
});
