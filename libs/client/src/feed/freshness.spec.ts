import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Freshness } from './freshness.js';

/** A clock of some machine: where it stands when true time is 0, and how fast it goes. */
interface MachineClock {
  readonly offset: number;
  readonly rate: number;
}

const read = ({ offset, rate }: MachineClock, trueMs: number) => offset + rate * trueMs;
const atClient = (clock: MachineClock, trueMs: number) => ({
  monotonicMs: read(clock, trueMs),
  wallMs: 1_790_000_000_000 + read(clock, trueMs),
});

const delayMs = fc.double({ min: 0, max: 60_000, noNaN: true });
const clock = fc.record({
  offset: fc.double({ min: 0, max: 1e9, noNaN: true }),
  // Each within 240 ppm of true time: two of them differ by less than the tolerance.
  rate: fc.double({ min: 1 - 0.00024, max: 1 + 0.00024, noNaN: true }),
});
/** True times: of the request, of the service's clock reading, of each heartbeat's synchronisation. */
const stream = fc.record({
  sentAfter: delayMs,
  clockReadAfter: delayMs,
  heartbeats: fc.array(
    fc.record({
      syncedAfter: fc.double({ min: -60_000, max: 60_000, noNaN: true }),
      arrivesAfter: delayMs,
    }),
    {
      minLength: 1,
      maxLength: 8,
    },
  ),
});

// A millionth of a millisecond: what doubles of this size can tell apart.
const ROUNDING_MS = 1e-3;

describe('Freshness', () => {
  it('is never later than the truth, whatever the delays and the clocks', () => {
    fc.assert(
      fc.property(
        clock,
        clock,
        fc.array(stream, { minLength: 1, maxLength: 3 }),
        (client, service, streams) => {
          const freshness = new Freshness();
          let nowMs = 0;
          let latestSyncMs = -Infinity;
          for (const { sentAfter, clockReadAfter, heartbeats } of streams) {
            const sentMs = nowMs + sentAfter;
            const clockMs = sentMs + clockReadAfter;
            nowMs = clockMs;
            for (const { syncedAfter, arrivesAfter } of heartbeats) {
              const syncedMs = clockMs + syncedAfter;
              nowMs = Math.max(nowMs, syncedMs) + arrivesAfter;
              latestSyncMs = Math.max(latestSyncMs, syncedMs);
              freshness.heartbeatReceived(
                atClient(client, sentMs),
                read(service, clockMs),
                read(service, syncedMs),
              );
              const trueAgeMs = client.rate * (nowMs - latestSyncMs);
              const ageMs = freshness.ageMs(atClient(client, nowMs));
              expect(ageMs).toBeGreaterThanOrEqual(trueAgeMs - ROUNDING_MS);
            }
          }
        },
      ),
    );
  });

  it('is not far behind the truth either: the delay of the request and the clocks’ tolerance', () => {
    const freshness = new Freshness();
    const sentAt = { monotonicMs: 1000, wallMs: 1000 };
    // The service reads its clock 40 ms after the request was sent, and has synchronised 60 s later.
    freshness.heartbeatReceived(sentAt, 5000, 65_000);
    const now = { monotonicMs: 1000 + 40 + 60_000, wallMs: 1000 + 40 + 60_000 };
    expect(freshness.ageMs(now)).toBeCloseTo(40 + 30, 6);
  });

  it('counts from before the request of a page, and what the service was behind', () => {
    const freshness = new Freshness();
    freshness.pageAnswered({ monotonicMs: 1000, wallMs: 1000 }, 250);
    expect(freshness.ageMs({ monotonicMs: 1100, wallMs: 1100 })).toBe(350);
  });

  it('never goes back when another replica is behind the one before', () => {
    const freshness = new Freshness();
    const sentAt = { monotonicMs: 1000, wallMs: 1000 };
    expect(freshness.heartbeatReceived(sentAt, 0, 500)).toBe(true);
    expect(freshness.heartbeatReceived(sentAt, 0, 100)).toBe(false);
    expect(freshness.heartbeatReceived(sentAt, 0, 500)).toBe(false);
    expect(freshness.ageMs({ monotonicMs: 1500, wallMs: 1500 })).toBeLessThan(1);
  });

  it('counts the time for which the machine was suspended, which only the wall clock shows', () => {
    const freshness = new Freshness();
    freshness.heartbeatReceived({ monotonicMs: 1000, wallMs: 1000 }, 0, 0);
    expect(freshness.ageMs({ monotonicMs: 1100, wallMs: 3_601_100 })).toBe(3_600_100);
    // A heartbeat from before that is read after it makes nothing fresh.
    freshness.heartbeatReceived({ monotonicMs: 1000, wallMs: 1000 }, 0, 50);
    expect(freshness.ageMs({ monotonicMs: 1100, wallMs: 3_601_100 })).toBeGreaterThan(3_600_000);
  });

  it('does not get younger when the wall clock is set back', () => {
    const freshness = new Freshness();
    freshness.heartbeatReceived({ monotonicMs: 1000, wallMs: 50_000 }, 0, 0);
    expect(freshness.ageMs({ monotonicMs: 1900, wallMs: 10_000 })).toBe(900);
  });

  it.each([NaN, Infinity, -Infinity])('is not moved to anything by a clock that tells %d', (ms) => {
    const freshness = new Freshness();
    freshness.heartbeatReceived({ monotonicMs: 1000, wallMs: 1000 }, 0, ms);
    expect(freshness.ageMs({ monotonicMs: 1000, wallMs: 1000 })).toBe(Infinity);
  });

  it('is infinitely old before anything was told, and after a reset', () => {
    const freshness = new Freshness();
    expect(freshness.ageMs({ monotonicMs: 0, wallMs: 0 })).toBe(Infinity);
    freshness.pageAnswered({ monotonicMs: 1000, wallMs: 1000 }, 0);
    freshness.reset();
    expect(freshness.ageMs({ monotonicMs: 1000, wallMs: 1000 })).toBe(Infinity);
  });
});
