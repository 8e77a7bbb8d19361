import { readFileSync } from 'node:fs';
import { checkHistory } from './checker/check-history.js';
import { TestBed } from './run/test-bed.js';
import { type Options, parseOptions, WrongUsage } from './options.js';
import { renderViolation } from './report/render-violation.js';
import { saveFailure } from './report/save-failure.js';
import { summarizeHistory } from './report/summarize-history.js';
import { makeSchedule, type Schedule } from './schedule/schedule.js';

const REPLICAS = 3;
const SHOWN_OF_A_CLAUSE = 3;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code: 0, 1 for a violation, 2 for wrong usage */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await torture(parseOptions(args));
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function torture(options: Options): Promise<number> {
  const bed = await TestBed.open({ ...options, replicas: REPLICAS, say: console.error });
  stopWhenAsked(bed);
  try {
    let failed = 0;
    for (let turn = 0; turn < options.seeds; turn += 1) {
      if (await hasViolation(bed, scheduleOf(options, turn))) {
        failed += 1;
        if (!options.keepGoing) break;
      }
    }
    console.log(failed === 0 ? 'No violation.' : `Violations in ${failed} schedules.`);
    return failed === 0 ? 0 : 1;
  } finally {
    await bed.close();
  }
}

function scheduleOf({ scheduleFile, seed, seconds, leaseMs }: Options, turn: number): Schedule {
  if (scheduleFile === undefined) {
    const durationMs = seconds * 1000;
    return makeSchedule({ seed: seed + turn, durationMs, replicas: REPLICAS, leaseMs });
  }
  // Of our own making: what a run has printed, or the file that it saved.
  const read = JSON.parse(readFileSync(scheduleFile, 'utf8')) as Schedule | { schedule: Schedule };
  return 'schedule' in read ? read.schedule : read;
}

async function hasViolation(bed: TestBed, schedule: Schedule): Promise<boolean> {
  const history = await bed.run(schedule);
  const violations = checkHistory(history, bed.promises);
  console.log(`seed ${schedule.seed}: ${summarizeHistory(history)}`);
  if (violations.length === 0) return false;
  for (const [clause, ofIt] of Map.groupBy(violations, (each) => each.clause)) {
    for (const violation of ofIt.slice(0, SHOWN_OF_A_CLAUSE)) {
      console.log(renderViolation(violation, history));
    }
    const more = ofIt.length - SHOWN_OF_A_CLAUSE;
    if (more > 0) console.log(`… and ${more} more of ${clause}.`);
  }
  console.log(`seed ${schedule.seed} shows it by this schedule:\n${JSON.stringify(schedule)}`);
  console.log(`History and schedule: ${saveFailure(schedule, history, violations)}`);
  return true;
}

function stopWhenAsked(bed: TestBed): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void bed.close().finally(() => process.exit(130));
    });
  }
}
