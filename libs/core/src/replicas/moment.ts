/**
 * One moment by both clocks of a process. The monotonic clock measures; the wall clock watches it,
 * since a monotonic clock stands still while its machine is suspended. No moment is ever compared with
 * one of another process.
 */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Before every moment. */
export const NEVER: Moment = {
  monotonicMs: Number.NEGATIVE_INFINITY,
  wallMs: Number.NEGATIVE_INFINITY,
};
