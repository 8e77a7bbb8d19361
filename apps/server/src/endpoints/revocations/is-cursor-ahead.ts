import { setTimeout as delay } from 'node:timers/promises';
import { DependencyUnavailable } from '@countersign/core';
import type { ChangeFollower } from '@countersign/persistence';

// The follower looks at once; a statement may take longer on a busy database.
const LOOK_MAX_MS = 2_000;
const ASK_AGAIN_MS = 25;

type Follower = Pick<ChangeFollower, 'appliedPosition' | 'syncedAtMs' | 'waitUntilApplied'>;

/**
 * Whether a cursor lies ahead of the feed, so that the database must have lost what it had committed.
 * Another replica may only have been faster than this one: that is found out by a look at the
 * database that begins now.
 * @throws {DependencyUnavailable} the database cannot be asked
 */
export async function isCursorAhead(
  cursor: number,
  follower: Follower,
  monotonicMs: () => number = () => performance.now(),
): Promise<boolean> {
  const askedAtMs = monotonicMs();
  while (!(await follower.waitUntilApplied(cursor, ASK_AGAIN_MS))) {
    if (follower.syncedAtMs >= askedAtMs) return follower.appliedPosition < cursor;
    if (monotonicMs() - askedAtMs > LOOK_MAX_MS) throw new DependencyUnavailable('change feed');
    // A follower that was stopped says no without waiting.
    await delay(1);
  }
  return false;
}
