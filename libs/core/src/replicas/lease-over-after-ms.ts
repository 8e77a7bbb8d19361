/**
 * How far apart the monotonic clocks of two processes may run, both errors together. A quartz is off by
 * some 100 ppm, and time synchronisation slews a clock by 500 ppm at most: this leaves room for thirty
 * times as much.
 */
export const CLOCK_DRIFT_MARGIN = 0.02;

/** By when on one's own clock a lease is over on its holder's, whichever of them runs faster. */
export function leaseOverAfterMs(leaseMs: number): number {
  return leaseMs * (1 + CLOCK_DRIFT_MARGIN);
}
