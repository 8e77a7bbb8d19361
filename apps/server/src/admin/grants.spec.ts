import { describe, expect, it } from '@jest/globals';
import { requireGrantable } from './grants.js';

const grant = (held: string[], scopes: string[]) => () =>
  requireGrantable({ principal: { scopes: held } }, scopes);

describe('requireGrantable', () => {
  it('lets a caller hand on what it holds, and nothing', () => {
    expect(grant(['a', 'b'], ['a', 'b'])).not.toThrow();
    expect(grant([], [])).not.toThrow();
  });

  it('names what the caller does not hold, and only that, once', () => {
    expect(grant(['a'], ['c', 'a', 'b', 'c'])).toThrow('The caller does not hold: b c');
  });

  it('matches exactly', () => {
    expect(grant(['read:users', 'read:*', 'read'], ['read:user'])).toThrow();
    expect(grant(['read:users'], ['READ:USERS'])).toThrow();
  });

  it('lets only who administers hand on everything', () => {
    expect(grant(['countersign:admin'], ['anything', 'countersign:admin'])).not.toThrow();
    expect(grant(['countersign:keys:write'], ['countersign:admin'])).toThrow();
    expect(grant(['countersign:admins'], ['a'])).toThrow();
  });
});
