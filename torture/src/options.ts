import { parseArgs } from 'node:util';

/** Ways to break the service or the verifiers on purpose, to see that the test bed notices. */
export const SABOTAGES = [
  'lease-ignored',
  'fence-off',
  'confirm-at-once',
  'client-freshness-ignored',
] as const;

export type Sabotage = (typeof SABOTAGES)[number];

/** What a run is asked to do. */
export interface Options {
  /** How many schedules. */
  readonly seeds: number;
  /** The first one; each later is one more. */
  readonly seed: number;
  /** A schedule's length. */
  readonly seconds: number;
  /** How long a replica may answer from memory. */
  readonly leaseMs: number;
  /** A file with a schedule to repeat, `seeds` times. */
  readonly scheduleFile?: string;
  readonly sabotage?: Sabotage;
  /** Whether to go on after a violation. */
  readonly keepGoing: boolean;
  /** Whether to tell each fault and each change. */
  readonly verbose: boolean;
}

/** The arguments make no sense; `message` says what to write instead. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

const DEFAULT_SEEDS = 10;
const DEFAULT_SECONDS = 8;
const DEFAULT_LEASE_MS = 1_000;
const LARGEST_SEED = 2 ** 31 - 1;

const USAGE =
  'npm run torture -- [--seeds N] [--seed S] [--seconds …] [--lease-ms …] [--schedule file] ' +
  `[--sabotage ${SABOTAGES.join('|')}] [--keep-going] [--verbose]`;

/** @throws {WrongUsage} */
export function parseOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const { sabotage, schedule } = values;
  if (sabotage !== undefined && !isSabotage(sabotage)) {
    throw new WrongUsage(`There is no sabotage ${sabotage}; there are ${SABOTAGES.join(', ')}.`);
  }
  return {
    seeds: whole('--seeds', values.seeds, DEFAULT_SEEDS),
    seed: whole('--seed', values.seed, Date.now() % LARGEST_SEED),
    seconds: whole('--seconds', values.seconds, DEFAULT_SECONDS),
    leaseMs: whole('--lease-ms', values['lease-ms'], DEFAULT_LEASE_MS),
    ...(schedule !== undefined && { scheduleFile: schedule }),
    ...(sabotage !== undefined && { sabotage }),
    keepGoing: values['keep-going'] ?? false,
    verbose: values.verbose ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        seconds: { type: 'string' },
        'lease-ms': { type: 'string' },
        schedule: { type: 'string' },
        sabotage: { type: 'string' },
        'keep-going': { type: 'boolean' },
        verbose: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new WrongUsage(`${(error as Error).message} Usage: ${USAGE}`);
  }
}

function isSabotage(text: string): text is Sabotage {
  return (SABOTAGES as readonly string[]).includes(text);
}

function whole(name: string, text: string | undefined, byDefault: number): number {
  const value = text === undefined ? byDefault : Number(text);
  if (!Number.isInteger(value) || value <= 0 || value > LARGEST_SEED) {
    throw new WrongUsage(`${name} must be a whole number above 0. Usage: ${USAGE}`);
  }
  return value;
}
