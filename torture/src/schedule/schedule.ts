import { Random } from '../random.js';
import { scheduleFaults } from './schedule-faults.js';
import { scheduleIssuing } from './schedule-issuing.js';
import type { ScheduleOptions } from './schedule-options.js';
import { scheduleTakings } from './schedule-takings.js';
import type { Step } from './step.js';

/** All that is done to a cluster, and when; may be written to a file and read again. */
export interface Schedule {
  readonly seed: number;
  readonly durationMs: number;
  /** In the order of their moments. */
  readonly steps: readonly Step[];
}

/** The schedule of a seed: the same for the same options. */
export function makeSchedule(options: ScheduleOptions): Schedule {
  const { seed, durationMs } = options;
  const random = new Random(seed);
  const steps = [
    ...scheduleFaults(random, options),
    ...scheduleTakings(random, options),
    ...scheduleIssuing(random, options),
  ];
  return { seed, durationMs, steps: steps.toSorted((one, other) => one.atMs - other.atMs) };
}
