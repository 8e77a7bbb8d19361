import { describe, expect, it } from '@jest/globals';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { NEVER } from '../replicas/moment.js';
import { MemoryFreshness } from './memory-freshness.js';

const LEASE_MS = 1_000;
const SINCE = { monotonicMs: 10_000, wallMs: 5_000_000 };

/** A lease that counts from `SINCE`, looked at when the clocks say that so much has passed. */
const after = (monotonicMs: number, wallMs: number, since = SINCE) =>
  new MemoryFreshness(
    { since, leaseMs: LEASE_MS },
    {
      monotonicMs: () => SINCE.monotonicMs + monotonicMs,
      wallMs: () => SINCE.wallMs + wallMs,
    },
  );

describe('MemoryFreshness', () => {
  it.each([
    ['was right a moment ago', 1, 1],
    ['is almost as old as it may be', 999, 999],
    ['is young, whatever a wall clock says that was set back', 999, -86_400_000],
  ])('lets memory answer that %s', (_what, monotonicMs, wallMs) => {
    const freshness = after(monotonicMs, wallMs);
    expect(freshness.isFresh()).toBe(true);
    expect(() => freshness.assertFresh()).not.toThrow();
    expect(freshness.ageMs).toBe(monotonicMs);
  });

  it.each([
    ['is exactly as old as a lease', 1_000, 0, SINCE],
    ['is old on a machine that was suspended, where the monotonic clock stood', 1, 1_000, SINCE],
    ['has never been right', 1, 1, NEVER],
    ['is of an age that cannot be told', NaN, 1, SINCE],
    ['is of an age that the wall clock cannot tell', 1, NaN, SINCE],
  ])('lets no memory answer that %s', (_what, monotonicMs, wallMs, since) => {
    const freshness = after(monotonicMs, wallMs, since);
    expect(freshness.isFresh()).toBe(false);
    expect(() => freshness.assertFresh()).toThrow(DependencyUnavailable);
  });

  it('is fresh again as soon as the lease is renewed', () => {
    const lease = { since: NEVER, leaseMs: LEASE_MS };
    const freshness = new MemoryFreshness(lease);
    expect([freshness.isFresh(), freshness.ageMs]).toEqual([false, Number.POSITIVE_INFINITY]);
    lease.since = { monotonicMs: performance.now(), wallMs: Date.now() };
    expect(freshness.isFresh()).toBe(true);
  });
});
