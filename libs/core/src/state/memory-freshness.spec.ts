import { describe, expect, it } from '@jest/globals';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { MemoryFreshness } from './memory-freshness.js';

const at = (nowMs: number, syncedAtMs: number) =>
  new MemoryFreshness({ syncedAtMs }, 1_000, () => nowMs);

describe('MemoryFreshness', () => {
  it.each([
    ['was right a moment ago', 10_000, 9_999],
    ['is exactly as old as it may be', 10_000, 9_000],
  ])('lets memory answer that %s', (_what, nowMs, syncedAtMs) => {
    expect(at(nowMs, syncedAtMs).isFresh()).toBe(true);
    expect(() => at(nowMs, syncedAtMs).assertFresh()).not.toThrow();
  });

  it.each([
    ['is older than it may be', 10_000, 8_999.9],
    ['has never been right', 10_000, -Infinity],
    ['is of an age that cannot be told', 10_000, NaN],
  ])('lets no memory answer that %s', (_what, nowMs, syncedAtMs) => {
    expect(at(nowMs, syncedAtMs).isFresh()).toBe(false);
    expect(() => at(nowMs, syncedAtMs).assertFresh()).toThrow(DependencyUnavailable);
  });

  it('follows the feed: it is fresh again as soon as the feed is', () => {
    const feed = { syncedAtMs: 0 };
    const freshness = new MemoryFreshness(feed, 1_000, () => 5_000);
    expect(freshness.isFresh()).toBe(false);
    feed.syncedAtMs = 4_500;
    expect(freshness.ageMs).toBe(500);
    expect(freshness.isFresh()).toBe(true);
  });
});
