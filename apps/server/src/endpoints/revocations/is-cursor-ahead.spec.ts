import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import { isCursorAhead } from './is-cursor-ahead.js';

/** A follower that applies what `looks` says, a look at a time, each when it is waited for. */
function followerOf(...looks: readonly { position: number; syncedAtMs: number }[]) {
  const rest = [...looks];
  const follower = {
    appliedPosition: 10,
    syncedAtMs: 0,
    async waitUntilApplied(position: number, timeoutMs: number) {
      const look = rest.shift();
      if (look === undefined) await delay(timeoutMs);
      else [follower.appliedPosition, follower.syncedAtMs] = [look.position, look.syncedAtMs];
      return follower.appliedPosition >= position;
    },
  };
  return follower;
}

describe('isCursorAhead', () => {
  it('says no when another replica was only faster: this one comes to it by looking', async () => {
    const follower = followerOf({ position: 11, syncedAtMs: 50 }, { position: 12, syncedAtMs: 50 });
    expect(await isCursorAhead(12, follower, () => 100)).toBe(false);
  });

  it('says yes when a look that began after the question does not find it', async () => {
    const follower = followerOf(
      { position: 10, syncedAtMs: 99 },
      { position: 11, syncedAtMs: 101 },
    );
    expect(await isCursorAhead(12, follower, () => 100)).toBe(true);
  });

  it('says neither when the database cannot be asked', async () => {
    let nowMs = 0;
    const now = () => (nowMs += 500);
    await expect(isCursorAhead(12, followerOf(), now)).rejects.toThrow(DependencyUnavailable);
  });

  it('takes no turn from others while a follower that was stopped says no at once', async () => {
    let nowMs = 0;
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const stopped = {
      appliedPosition: 10,
      syncedAtMs: Number.NEGATIVE_INFINITY,
      waitUntilApplied: () => Promise.resolve(false),
    };
    await expect(isCursorAhead(12, stopped, () => (nowMs += 50))).rejects.toThrow();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
