import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Propagation } from '@countersign/contracts';
import { PropagationWaiter } from './propagation-waiter.js';
import type { ReplicasObserved } from './replica-watch.js';

const LEASE_MS = 1_000;

describe('PropagationWaiter', () => {
  let applied: number;
  let readingMs: number;
  let failing: boolean;
  let readings: number;
  let atOnce: number;
  let mostAtOnce: number;
  let failures: number;
  let results: Propagation[];
  let waiter: PropagationWaiter;

  beforeEach(() => {
    jest.useFakeTimers();
    [applied, readingMs, readings, atOnce, mostAtOnce, failures] = [0, 1, 0, 0, 0, 0];
    failing = false;
    results = [];
    waiter = new PropagationWaiter({
      watch: { observe },
      onFailure: () => (failures += 1),
      onResult: (result) => results.push(result),
    });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  /** One replica, as it was when the reading began. */
  async function observe(): Promise<ReplicasObserved> {
    readings += 1;
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    const rows = [{ id: 'a', seq: 1, appliedPosition: applied, leaseMs: LEASE_MS }];
    await new Promise((resolve) => setTimeout(resolve, readingMs));
    atOnce -= 1;
    if (failing) throw new Error('the database is gone');
    return { rows, lapsed: new Set() };
  }

  const wait = (position: number, waitMs: number) =>
    waiter.waitUntilConfirmed(position, performance.now(), waitMs);
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('confirms as soon as the change is applied', async () => {
    const waiting = wait(1, 5_000);
    await pass(30);
    expect(results).toEqual([]);
    applied = 1;
    await pass(60);
    expect(await waiting).toMatchObject({ confirmed: true, replicas: 1 });
    expect((await waiting).took_ms).toBeLessThan(90);
    expect(results).toEqual([await waiting]);
  });

  it('says that it is not confirmed when the time is up, and no later', async () => {
    const waiting = wait(1, 500);
    await pass(499);
    expect(results).toEqual([]);
    await pass(1);
    expect(await waiting).toMatchObject({ confirmed: false, pending: 1, took_ms: 500 });
    expect(results).toHaveLength(1);
  });

  it('reads once even for who does not wait, and tells what it read', async () => {
    const applies = wait(0, 0);
    await pass(readingMs);
    const doesNot = wait(1, 0);
    await pass(readingMs);
    expect([await applies, await doesNot].map(({ confirmed }) => confirmed)).toEqual([true, false]);
    expect([readings, results.length]).toEqual([2, 2]);
  });

  it('takes no reading for an answer that was begun before the commit', async () => {
    readingMs = 100;
    void wait(0, 5_000);
    await pass(50);
    const later = wait(0, 5_000);
    await pass(60);
    expect([results.length, readings]).toEqual([1, 2]);
    await pass(100);
    expect(await later).toMatchObject({ confirmed: true, took_ms: 150 });
  });

  it('shares its readings among all who wait, one at a time', async () => {
    const waiting = Array.from({ length: 100 }, () => wait(1, 5_000));
    await pass(200);
    applied = 1;
    await pass(60);
    await Promise.all(waiting);
    expect([mostAtOnce, results.length]).toEqual([1, 100]);
    expect(readings).toBeLessThan(40);
  });

  it('reads at once for who comes while it pauses', async () => {
    void wait(1, 5_000);
    await pass(1_000);
    const before = readings;
    void wait(1, 5_000);
    await pass(0);
    expect(readings).toBe(before + 1);
    applied = 1;
    await pass(60);
  });

  it('reads nothing while nobody waits', async () => {
    const waiting = wait(0, 5_000);
    await pass(readingMs);
    await waiting;
    await pass(10_000);
    expect(readings).toBe(1);
    const next = wait(0, 5_000);
    await pass(readingMs);
    expect(await next).toMatchObject({ confirmed: true });
  });

  it('goes on when a reading fails, and confirms nothing by it', async () => {
    failing = true;
    const waiting = wait(1, 5_000);
    await pass(300);
    expect(failures).toBeGreaterThan(1);
    expect(results).toEqual([]);
    [failing, applied] = [false, 1];
    await pass(60);
    expect(await waiting).toMatchObject({ confirmed: true });
  });

  it('says that it is not confirmed when nothing could be read in time', async () => {
    failing = true;
    const waiting = [wait(0, 100), wait(0, 0)];
    await pass(200);
    for (const result of await Promise.all(waiting)) {
      expect(result).toMatchObject({ confirmed: false, replicas: 0, pending: 1 });
    }
  });
});
