import { interleave } from '../measure/interleave.js';
import { median } from '../measure/statistics.js';
import type { Throughput } from '../measure/throughput.js';
import type { ClientCommand } from '../processes/client-command.js';
import { compare } from '../report/comparison.js';
import { formatCount } from '../report/format.js';
import type { Table } from '../report/table.js';
import { issueTokens, type TokenSubject } from './issue-tokens.js';
import type { Section, SectionRun } from './section.js';

const WARM_UP_SECONDS = 1;
const NS_PER_SECOND = 1e9;

type Measure = (side: ClientCommand['side'], seconds: number) => Promise<Throughput>;

/** @countersign/client, which follows 10,000 revocations: tokens not seen before, and seen before. */
export const client: Section = {
  name: 'client',
  async run(run) {
    run.say('issuing tokens');
    const subjects = await issueTokens(run);
    const process = run.lab.startCommanded<ClientCommand, Throughput>('client-loop');
    const unseen = [];
    const seen = [];
    for (const subject of subjects) {
      const measure: Measure = (side, seconds) => process.ask({ ...subject, side, seconds });
      run.say(`measuring ${subject.alg}`);
      unseen.push({ name: subject.alg, pair: await measureUnseen(run, measure) });
      seen.push(...(await measureSeen(run, measure, subject)));
    }
    return [unseenTable(unseen), seenTable(seen)];
  },
};

async function measureUnseen({ options }: SectionRun, measure: Measure) {
  await measure('bare', WARM_UP_SECONDS);
  await measure('unseen', WARM_UP_SECONDS);
  return interleave(
    options.rounds,
    () => measure('bare', options.seconds / 2),
    () => measure('unseen', options.seconds / 2),
  );
}

async function measureSeen({ options }: SectionRun, measure: Measure, { alg }: TokenSubject) {
  const rows: string[][] = [];
  for (const [side, what] of [
    ['seen', 'token'],
    ['request', 'request, with a scope'],
  ] as const) {
    await measure(side, WARM_UP_SECONDS);
    const samples: Throughput[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      samples.push(await measure(side, options.seconds / 2));
    }
    const nsEach = samples.map(({ perSecond }) => NS_PER_SECOND / perSecond);
    const cpuNs = samples.map(({ cpuMicrosPerUnit }) => cpuMicrosPerUnit * 1000);
    const figures = [Math.min(...nsEach), median(nsEach), Math.min(...cpuNs)].map(formatCount);
    rows.push([`${alg}, ${what}`, ...figures]);
  }
  return rows;
}

function unseenTable(lines: Parameters<typeof compare>[1]): Table {
  return compare(
    {
      title: '@countersign/client of a token not seen before (in process, no HTTP)',
      unit: 'token',
      reference: 'bare',
      ours: 'ours',
      notes: [
        'ours: Verifier.verify: all that @countersign/verify does, what the feed says, memory',
        'bare: crypto.verify of octets, signature and key that were made ready before',
      ],
    },
    lines,
  );
}

function seenTable(rows: readonly string[][]): Table {
  return {
    title: '@countersign/client of a token seen before (in process, no HTTP)',
    columns: ['', 'ns, best', 'ns, median', 'CPU ns, best'],
    rows,
    notes: [
      'nanoseconds for one awaited verify(): times, audience, restrictions, key, feed and its age each time',
    ],
  };
}
