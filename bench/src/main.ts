import { Lab } from './lab.js';
import { chooseCores, pin } from './machine/cores.js';
import { describeMachine } from './machine/describe-machine.js';
import { Neighbours } from './machine/neighbours.js';
import { type Options, parseOptions, usage, WrongUsage } from './options.js';
import { renderTable } from './report/table.js';
import { SECTIONS } from './sections/index.js';

// Fewer may all have been disturbed.
const ROUNDS_MIN = 5;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  try {
    const names = SECTIONS.map(({ name }) => name);
    const options = parseOptions(args, names);
    if (options !== 'help') return await run(options);
    print([usage(names)]);
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function run(options: Options): Promise<number> {
  const startMs = performance.now();
  const cores = chooseCores();
  pin(process.pid, cores.load);
  const neighbours = new Neighbours();
  const say = (what: string) => console.error(`${elapsed(startMs).padStart(6)}  ${what}`);
  const lab = await Lab.open(cores, say);
  stopWhenAsked(lab);
  try {
    print([...describeMachine(cores, lab.postgres.version), ...describeRun(options), '']);
    const failed = await runSections(lab, options, neighbours, say);
    print([...neighbours.describe(), `The run took ${elapsed(startMs)}.`]);
    if (failed.length > 0) print([`FAILED, and without figures: ${failed.join(', ')}`]);
    return failed.length > 0 ? 1 : 0;
  } finally {
    await lab.close();
  }
}

/** One that fails does not keep the others from running. @returns the names of those that failed */
async function runSections(
  lab: Lab,
  options: Options,
  neighbours: Neighbours,
  say: (what: string) => void,
): Promise<string[]> {
  const chosen = SECTIONS.filter(
    ({ name }) => options.sections.length === 0 || options.sections.includes(name),
  );
  const failed: string[] = [];
  for (const section of chosen) {
    const sayHere = (what: string) => say(`${section.name}: ${what}`);
    await neighbours.sample();
    try {
      const tables = await section.run({ lab, options, say: sayHere });
      print(tables.map(renderTable));
    } catch (error) {
      failed.push(section.name);
      print([`${section.name}: FAILED. ${(error as Error).stack ?? String(error)}`, '']);
    }
    print(await lab.endSection());
  }
  return failed;
}

function describeRun({ rounds, seconds }: Options): string[] {
  const lines = [`run       ${rounds} rounds by turns, ${seconds} s each`];
  if (rounds < ROUNDS_MIN)
    lines.push('          TOO FEW ROUNDS to rely on: this only tries it out');
  return lines;
}

function stopWhenAsked(lab: Lab): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void lab.close().finally(() => process.exit(130));
    });
  }
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) console.log(lines.join('\n'));
}

function elapsed(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(0)} s`;
}
