import type { Random } from '../random.js';
import type { ScheduleOptions } from './schedule-options.js';
import type { Broken, Direction, FaultStep } from './step.js';

const FAULTS_MIN = 1;
const FAULTS_MAX = 6;
const FIRST_AT_MS = 200;
const SHORTEST_MS = 300;
const LONGEST_MS = 2_500;
const PAUSE_BEYOND_LEASE_MS = 300;
const DELAYS_MS: readonly number[] = [40, 120, 400];
const DIRECTIONS: readonly Direction[] = ['forth', 'back', 'both'];

/** As often as it stands here. */
const KINDS: readonly Broken['fault'][] = [
  'kill-replica',
  'pause-replica',
  'pause-replica',
  'cut-database',
  'cut-database',
  'delay-database',
  'delay-database',
  'half-open-database',
  'half-open-database',
  'stall-connections',
  'stall-connections',
  'drop-notifications',
  'hold-lock',
  'restart-postgres',
  'cut-feed',
  'delay-feed',
  'half-open-feed',
  'half-open-feed',
  'pause-verifiers',
];

/** Faults at random; no two at a time of what would undo one another. */
export function scheduleFaults(
  random: Random,
  { durationMs, replicas, leaseMs }: ScheduleOptions,
): FaultStep[] {
  const steps: FaultStep[] = [];
  const count = random.between(FAULTS_MIN, FAULTS_MAX);
  for (let made = 0; made < count; made += 1) {
    const broken = chooseBroken(random, replicas);
    const isPause = broken.fault.startsWith('pause');
    const shortestMs = isPause ? leaseMs + PAUSE_BEYOND_LEASE_MS : SHORTEST_MS;
    const forMs = random.between(shortestMs, shortestMs + LONGEST_MS - SHORTEST_MS);
    const latestMs = Math.max(FIRST_AT_MS, durationMs - forMs);
    const step: FaultStep = {
      do: 'break',
      atMs: random.between(FIRST_AT_MS, latestMs),
      forMs,
      broken,
    };
    if (!steps.some((other) => meet(step, other))) steps.push(step);
  }
  return steps;
}

function chooseBroken(random: Random, replicas: number): Broken {
  const fault = random.pick(KINDS);
  const replica = random.between(0, replicas - 1);
  switch (fault) {
    case 'kill-replica':
    case 'pause-replica':
    case 'cut-database':
    case 'drop-notifications':
    case 'cut-feed':
      return { fault, replica };
    case 'delay-database':
    case 'delay-feed':
      return { fault, replica, delayMs: random.pick(DELAYS_MS) };
    case 'half-open-database':
    case 'half-open-feed':
      return { fault, replica, direction: random.pick(DIRECTIONS) };
    case 'stall-connections':
      return { fault, replica, share: random.pick([0.3, 0.6, 0.9]) };
    case 'hold-lock':
      return { fault, on: random.pick(['change-head', 'keys', 'principals'] as const) };
    case 'restart-postgres':
      return { fault, how: random.pick(['shutdown', 'crash'] as const) };
    case 'pause-verifiers':
      return { fault };
  }
}

/** Whether both would act on the same thing at a time. */
function meet(one: FaultStep, other: FaultStep): boolean {
  const inTime = one.atMs <= other.atMs + other.forMs && other.atMs <= one.atMs + one.forMs;
  return inTime && placeOf(one.broken) === placeOf(other.broken);
}

function placeOf(broken: Broken): string {
  const replica = 'replica' in broken ? broken.replica : '';
  if (broken.fault === 'restart-postgres' || broken.fault === 'hold-lock') return 'postgres';
  if (broken.fault === 'drop-notifications') return `notifications ${replica}`;
  const [, place = ''] = broken.fault.split(/-(?=[a-z]+$)/);
  return `${place === 'connections' ? 'database' : place} ${replica}`;
}
