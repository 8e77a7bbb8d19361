import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../http/caller-authenticator.js';
import { isWithinReach, reachOf, requireUnlimited } from './reach.js';

const callerOf = (organizationId: string | null) => ({ keyState: { organizationId } }) as Caller;

describe('the reach of a caller', () => {
  it('without an organization goes everywhere', () => {
    const caller = callerOf(null);
    expect(reachOf(caller)).toBeNull();
    expect(isWithinReach(caller, 'org_1')).toBe(true);
    expect(isWithinReach(caller, null)).toBe(true);
    expect(() => requireUnlimited(caller)).not.toThrow();
  });

  it('with one ends there: neither another nor none is within it', () => {
    const caller = callerOf('org_1');
    expect(isWithinReach(caller, 'org_1')).toBe(true);
    expect(isWithinReach(caller, 'org_2')).toBe(false);
    expect(isWithinReach(caller, null)).toBe(false);
    expect(() => requireUnlimited(caller)).toThrow(
      expect.objectContaining({ code: 'not_permitted' }),
    );
  });
});
