import type { Random } from '../random.js';
import type { ScheduleOptions } from './schedule-options.js';
import type { Issued, IssuingStep } from './step.js';
import { WORLD } from './world.js';

const ISSUED_MIN = 6;
const ISSUED_MAX = 14;
const KEY_PROBABILITY = 0.4;

/** Keys and tokens that are issued while things break; tokens also for keys that came so. */
export function scheduleIssuing(
  random: Random,
  { durationMs, replicas }: ScheduleOptions,
): IssuingStep[] {
  const moments = Array.from({ length: random.between(ISSUED_MIN, ISSUED_MAX) }, () =>
    random.between(0, durationMs),
  ).toSorted((one, other) => one - other);
  const keys = WORLD.keys.map(({ name }) => name);
  return moments.map((atMs, index) => {
    const issued: Issued = random.chance(KEY_PROBABILITY)
      ? { issue: 'key', name: `n${index}`, principal: random.pick(WORLD.principals).name }
      : { issue: 'token', name: `m${index}`, key: random.pick(keys), lifetime: 'long' };
    if (issued.issue === 'key') keys.push(issued.name);
    return { do: 'issue', atMs, replica: random.between(0, replicas - 1), issued };
  });
}
