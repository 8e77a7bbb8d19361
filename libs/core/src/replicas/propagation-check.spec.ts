import { describe, expect, it } from '@jest/globals';
import { leaseOverAfterMs } from './lease-over-after-ms.js';
import { LONGEST_LEASE_MS, PropagationCheck } from './propagation-check.js';

const COMMITTED_AT_MS = 10_000;
const POSITION = 7;
const LEASE_MS = 1_000;

const row = (id: string, appliedPosition: number, leaseMs = LEASE_MS) => ({
  id,
  seq: 1,
  appliedPosition,
  leaseMs,
});
const observed = (rows: ReturnType<typeof row>[], ...lapsed: string[]) => ({
  rows,
  lapsed: new Set(lapsed),
});

/** What is known after these readings, 40 ms after the commit. */
function after(...readings: ReturnType<typeof observed>[]) {
  const check = new PropagationCheck(POSITION, COMMITTED_AT_MS);
  for (const reading of readings) check.see(reading);
  return check.result(COMMITTED_AT_MS + 40);
}

describe('PropagationCheck', () => {
  it('confirms once every replica has applied the change, or a later one', () => {
    expect(after(observed([row('a', 7), row('b', 8)]))).toEqual({
      confirmed: true,
      replicas: 2,
      lapsed: 0,
      pending: 0,
      took_ms: 40,
    });
  });

  it('does not confirm while one has not, and says until when that can last', () => {
    const readings = observed([row('a', 7), row('b', 6, 2_000), row('c', 6)]);
    expect(after(readings)).toEqual({
      confirmed: false,
      replicas: 1,
      lapsed: 0,
      pending: 2,
      took_ms: 40,
      bound_ms: leaseOverAfterMs(2_000) - 40,
    });
  });

  it('counts whose lease is over, and who is not registered any more', () => {
    const first = observed([row('a', 6), row('b', 6), row('c', 6)]);
    const second = observed([row('a', 6), row('c', 7)], 'a');
    expect(after(first, second)).toMatchObject({ confirmed: true, replicas: 1, lapsed: 2 });
  });

  it('takes a lease for over that was so in the first reading', () => {
    expect(after(observed([row('a', 6)], 'a'))).toMatchObject({ confirmed: true, lapsed: 1 });
  });

  it('takes for applied what was, although the replica is gone by then', () => {
    expect(after(observed([row('a', 7)], 'a'))).toMatchObject({ replicas: 1, lapsed: 0 });
  });

  it('does not wait for who registers later: it looks at the feed only then', () => {
    const second = observed([row('a', 7), row('late', -1)]);
    expect(after(observed([row('a', 6)]), second)).toMatchObject({ confirmed: true, replicas: 1 });
  });

  it('counts nobody twice', () => {
    const reading = observed([row('a', 7), row('b', 6)]);
    expect(after(reading, reading, reading)).toMatchObject({ replicas: 1, pending: 1 });
  });

  it('confirms where nobody is registered, and so nobody answers from memory', () => {
    expect(after(observed([]))).toMatchObject({ confirmed: true, replicas: 0 });
  });

  it('confirms nothing before the first reading, and bounds it by the longest lease there can be', () => {
    expect(after()).toEqual({
      confirmed: false,
      replicas: 0,
      lapsed: 0,
      pending: 1,
      took_ms: 40,
      bound_ms: leaseOverAfterMs(LONGEST_LEASE_MS) - 40,
    });
  });

  it('says that nothing more can last once the bound is behind', () => {
    const check = new PropagationCheck(POSITION, COMMITTED_AT_MS);
    check.see(observed([row('a', 6)]));
    expect(check.result(COMMITTED_AT_MS + 5_000).bound_ms).toBe(0);
  });
});
