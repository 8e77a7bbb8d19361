import type { Clock } from './clock.js';

/** One moment on both clocks of this machine. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}

/** The moment `ms` after another; before it, when negative. */
export function momentAfter({ monotonicMs, wallMs }: Moment, ms: number): Moment {
  return { monotonicMs: monotonicMs + ms, wallMs: wallMs + ms };
}

/**
 * Milliseconds between two moments, the larger where the clocks differ: a monotonic clock stands still
 * while the machine is suspended, and a wall clock may be set back.
 */
export function elapsedMs(since: Moment, now: Moment): number {
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
}
