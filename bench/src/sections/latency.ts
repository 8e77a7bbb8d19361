import { STANDARD } from '../data/dataset.js';
import { askOnce } from '../load/ask-once.js';
import { ACTIVE, TURNED_AWAY } from '../load/expectation.js';
import { type Arrivals, type Latencies, runOpenLoop } from '../load/open-loop.js';
import { introspectRequest, type RequestSource, rotating } from '../load/requests.js';
import { median } from '../measure/statistics.js';
import { formatCount, formatNumber, formatRatio } from '../report/format.js';
import type { Table } from '../report/table.js';
import { makeKnown } from './make-known.js';
import { headersLike } from './same-answer.js';
import type { Section, SectionRun } from './section.js';
import { warmUp } from './warm-up.js';

const HOT_PER_SECOND = 1_000;
const HOT_KEYS = 1_000;
const FORGED_PER_SECOND = 200;
const UNKNOWN_PER_SECOND = 200;
const CONNECTIONS = 100;

interface Condition {
  readonly name: string;
  readonly port: number;
  readonly streams: readonly [Arrivals, ...Arrivals[]];
}

/** Latency of the hot path at a modest rate: alone, and while others try keys that are none. */
export const latency: Section = {
  name: 'latency',
  async run(run) {
    const conditions = await prepare(run);
    const measured = conditions.map((): Latencies[] => []);
    run.say('measuring');
    for (let round = 0; round < run.options.rounds; round += 1) {
      for (const [at, { port, streams }] of conditions.entries()) {
        measured[at]?.push(await runOpenLoop(port, streams, run.options.seconds));
      }
    }
    return [tableOf(conditions, measured)];
  },
};

async function prepare({ lab, say }: SectionRun): Promise<Condition[]> {
  const service = await lab.startService(STANDARD);
  say('presenting the keys for the first time');
  const known = await makeKnown(lab.keys, service, HOT_KEYS);
  const answer = await askOnce(service.port, known[0] as Buffer, ACTIVE);
  const reference = await lab.startReference({
    ...headersLike(answer),
    path: '/introspect',
    body: { kind: 'fixed', text: answer.body },
  });
  for (const server of [reference, service]) {
    await warmUp({ ...server, requests: rotating(known), expected: ACTIVE });
  }
  const hot: Arrivals = {
    perSecond: HOT_PER_SECOND,
    requests: rotating(known),
    expected: ACTIVE,
    connections: CONNECTIONS,
  };
  // As an attacker presents them: as the caller's own.
  const attack = (perSecond: number, key: (index: number) => string): Arrivals => ({
    perSecond,
    requests: numbered((index) => introspectRequest(key(index), 'anything')),
    expected: TURNED_AWAY,
    connections: CONNECTIONS,
  });
  const forged = attack(FORGED_PER_SECOND, (index) => lab.keys.forged(index));
  const unknown = attack(UNKNOWN_PER_SECOND, (index) => lab.keys.unknown(index));
  return [
    { name: 'bare Fastify, alone', port: reference.port, streams: [hot] },
    { name: 'ours, alone', port: service.port, streams: [hot] },
    { name: 'ours, under attack', port: service.port, streams: [hot, forged, unknown] },
  ];
}

function numbered(request: (index: number) => Buffer): RequestSource {
  let index = 0;
  return () => request((index += 1));
}

function tableOf(conditions: readonly Condition[], measured: readonly Latencies[][]): Table {
  const p99 = measured.map((rounds) => median(rounds.map((round) => round.p99)));
  const alone = p99[1] ?? Number.NaN;
  return {
    title: `Latency of POST /introspect of known keys at ${formatCount(HOT_PER_SECOND)} requests/s (open loop, Poisson)`,
    columns: [
      'milliseconds',
      'p50\nmedian',
      'p99\nbest',
      'p99\nmedian',
      'p99 median\n÷ ours alone',
      'worst\nmedian',
      'bench late\np99',
    ],
    rows: conditions.map(({ name }, at) => {
      const rounds = measured[at] ?? [];
      const of = (pick: (round: Latencies) => number) => rounds.map(pick);
      return [
        name,
        formatNumber(median(of((round) => round.p50))),
        formatNumber(Math.min(...of((round) => round.p99))),
        formatNumber(p99[at] ?? Number.NaN),
        formatRatio((p99[at] ?? Number.NaN) / alone),
        formatNumber(median(of((round) => round.worst))),
        formatNumber(median(of((round) => round.benchDelayP99))),
      ];
    }),
    notes: [
      `attack: ${FORGED_PER_SECOND} forged and ${UNKNOWN_PER_SECOND} well-tagged but unknown keys a second, each another one`,
      'best, median: over the rounds; latency counts from the arrival, waiting for a connection included',
      'bench late: how late the bench noticed an arrival; its own, and not counted',
    ],
  };
}
