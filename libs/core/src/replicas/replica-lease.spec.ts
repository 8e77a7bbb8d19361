import { beforeEach, describe, expect, it } from '@jest/globals';
import { NEVER } from './moment.js';
import { ReplicaLease } from './replica-lease.js';

const at = (monotonicMs: number) => ({ monotonicMs, wallMs: 1_790_000_000_000 + monotonicMs });

describe('ReplicaLease', () => {
  let lease: ReplicaLease;
  let lapses: number;

  beforeEach(() => {
    lapses = 0;
    lease = new ReplicaLease(1_000, 100, () => (lapses += 1));
  });

  it('does not count before it has begun', () => {
    expect(lease.since).toBe(NEVER);
    lease.told(at(10), 5);
    expect(lease.since).toBe(NEVER);
    lease.begin(at(10));
    expect(lease.since).toEqual(at(10));
  });

  it('is due at once, then when it is time or the position was not told', () => {
    expect(lease.isDue(0, 5)).toBe(true);
    lease.told(at(10), 5);
    expect([lease.isDue(109, 5), lease.isDue(110, 5), lease.isDue(11, 6)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([lease.hasTold(5), lease.hasTold(6)]).toEqual([true, false]);
  });

  it('is due when the position has gone back, as with a database that was restored', () => {
    lease.told(at(10), 5);
    expect(lease.isDue(11, 3)).toBe(true);
  });

  it('tells for how long it had been over, and counts that', () => {
    expect(lease.begin(at(0))).toBe(0);
    expect(lease.begin(at(999))).toBe(0);
    expect(lapses).toBe(0);
    expect(lease.begin(at(2_499))).toBe(500);
    expect(lapses).toBe(1);
  });

  it('counts no more, and is due, once memory is not known to be right', () => {
    lease.told(at(10), 5);
    lease.begin(at(10));
    lease.suspend();
    expect([lease.since, lease.isDue(11, 5), lapses]).toEqual([NEVER, true, 0]);
    expect(lease.begin(at(5_000))).toBe(0);
  });

  it('counts no more, and has told nothing, once its registration was cleared', () => {
    lease.told(at(10), 5);
    lease.begin(at(10));
    lease.lose();
    expect([lease.since, lease.hasTold(5), lapses]).toEqual([NEVER, false, 1]);
  });
});
