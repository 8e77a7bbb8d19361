import { parseArgs } from 'node:util';

/** What a run is asked to do. */
export interface Options {
  /** Names of sections; empty: all of them. */
  readonly sections: readonly string[];
  /** How often each side is measured, by turns. */
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
}

/** The arguments make no sense; `message` says what to write instead. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

const DEFAULT_ROUNDS = 5;
const DEFAULT_SECONDS = 1.5;

const USAGE = 'npm run bench -- [section …] [--rounds N] [--seconds S]';

/** What `--help` answers. @param known names of the sections */
export function usage(known: readonly string[]): string {
  return [
    USAGE,
    `  section    ${known.join(', ')}; none: all`,
    `  --rounds   how often each side is measured, by turns; ${DEFAULT_ROUNDS} by default`,
    `  --seconds  length of one measurement; ${DEFAULT_SECONDS} by default`,
  ].join('\n');
}

/**
 * @returns `help`: how to use it was asked for, and no more
 * @throws {WrongUsage}
 */
export function parseOptions(args: readonly string[], known: readonly string[]): Options | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help === true) return 'help';
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new WrongUsage(
      `There is no section ${unknown.join(', ')}; there are ${known.join(', ')}.`,
    );
  }
  return {
    sections: positionals,
    rounds: positive('--rounds', values.rounds, DEFAULT_ROUNDS, Number.isInteger),
    seconds: positive('--seconds', values.seconds, DEFAULT_SECONDS, Number.isFinite),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new WrongUsage(`${(error as Error).message} Usage: ${USAGE}`);
  }
}

function positive(
  name: string,
  text: string | undefined,
  byDefault: number,
  isNumber: (value: number) => boolean,
): number {
  const value = text === undefined ? byDefault : Number(text);
  if (!isNumber(value) || value <= 0) throw new WrongUsage(`${name} must be a positive number.`);
  return value;
}
