/** Where the time comes from; tests bring their own. */
export interface Clock {
  /** Milliseconds of a clock that never goes back. Default: `performance.now`. */
  readonly monotonicMs: () => number;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly wallMs: () => number;
}

/** This machine's clocks. */
export const SYSTEM_CLOCK: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
