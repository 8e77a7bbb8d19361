import type { Dataset } from '../data/dataset.js';
import { DEFAULT_ARGON2_MEMORY_KIB } from '../data/dataset.js';
import type { Lab } from '../lab.js';
import { runClosedLoop } from '../load/closed-loop.js';
import { ACTIVE, INACTIVE } from '../load/expectation.js';
import { presentOnce, requireAllGood } from '../load/present-once.js';
import { always, introspectRequest, type RequestSource } from '../load/requests.js';
import { cpuTimeOf } from '../measure/cpu-time.js';
import { interleave, type Pair } from '../measure/interleave.js';
import { type Throughput, throughputOf } from '../measure/throughput.js';
import { type Compared, compare } from '../report/comparison.js';
import type { Service } from '../running/service.js';
import type { Section, SectionRun } from './section.js';
import { warmUp } from './warm-up.js';

const FEW: Dataset = {
  keys: 1_000,
  keysPerPrincipal: 10,
  argon2MemoryKib: DEFAULT_ARGON2_MEMORY_KIB,
};
const MANY: Dataset = { ...FEW, keys: 1_000_000 };
/** Of the keys of either table, so that the small one has as many left. */
const FIRST_USES = 900;
const CONNECTIONS = 32;
// Ten services are started: less than elsewhere, and the same for both sides.
const WARM_UP_SECONDS = 1;
const TEXT = { reference: '1 k', ours: '1 M' };

/** What one round measures of one side. */
interface Round {
  readonly hot: Throughput;
  readonly firstUse: Throughput;
  readonly firstUsePostgres: Throughput;
  readonly unknown: Throughput;
  readonly unknownPostgres: Throughput;
}

/** The same requests on a table of a thousand keys and on one of a million. */
export const million: Section = {
  name: 'million',
  async run(run) {
    run.say('filling the tables');
    const pair = await interleave(
      run.options.rounds,
      (round) => measure(run, FEW, round),
      (round) => measure(run, MANY, round),
    );
    const line = (name: string, pick: (round: Round) => Throughput): Compared => ({
      name,
      pair: pickFrom(pair, pick),
    });
    return [
      compare(
        {
          ...TEXT,
          title: 'One million keys in the table beside one thousand: the service',
          unit: 'request',
          notes: ['each round starts the service anew, since a first use is one only once'],
        },
        [
          line('a known key', (round) => round.hot),
          line('first use of a key', (round) => round.firstUse),
          line('a well-tagged unknown key', (round) => round.unknown),
        ],
      ),
      compare({ ...TEXT, title: 'The same requests: Postgres', unit: 'request' }, [
        line('first use of a key', (round) => round.firstUsePostgres),
        line('a well-tagged unknown key', (round) => round.unknownPostgres),
      ]),
    ];
  },
};

function pickFrom(pair: Pair<Round>, pick: (round: Round) => Throughput): Pair<Throughput> {
  return { reference: pair.reference.map(pick), ours: pair.ours.map(pick) };
}

async function measure({ lab, options, say }: SectionRun, dataset: Dataset, round: number) {
  const service = await lab.startService(dataset);
  say(`${dataset.keys.toLocaleString('en-US')} keys, round ${round + 1}`);
  const seconds = options.seconds / 2;
  const at = { port: service.port, pid: service.pid };
  const unknown = { ...at, requests: unknownKeys(lab), expected: INACTIVE };
  const known = introspectRequest(lab.keys.introspector(), lab.keys.text(dataset.keys));
  const hot = { ...at, requests: always(known), expected: ACTIVE };
  await warmUp(unknown, WARM_UP_SECONDS);
  const uses = await measureWithPostgres(lab, () => measureFirstUses(lab, service, dataset, round));
  const misses = await measureWithPostgres(lab, () => runClosedLoop({ ...unknown, seconds }));
  await warmUp(hot, WARM_UP_SECONDS);
  const hits = await runClosedLoop({ ...hot, seconds });
  await service.program.stop();
  return {
    hot: hits,
    firstUse: uses.service,
    firstUsePostgres: uses.postgres,
    unknown: misses.service,
    unknownPostgres: misses.postgres,
  };
}

async function measureWithPostgres(lab: Lab, measureService: () => Promise<Throughput>) {
  const startMs = performance.now();
  const before = lab.postgres.cpuSeconds();
  const service = await measureService();
  const seconds = (performance.now() - startMs) / 1000;
  const cpuSeconds = lab.postgres.cpuSeconds() - before;
  return { service, postgres: throughputOf(service.perSecond * seconds, seconds, cpuSeconds) };
}

/** Keys from all over the table; in the large one, other ones each round. */
async function measureFirstUses(
  lab: Lab,
  { port, pid }: Service,
  dataset: Dataset,
  round: number,
): Promise<Throughput> {
  const stride = Math.floor(dataset.keys / FIRST_USES);
  const requests = Array.from({ length: FIRST_USES }, (_, at) =>
    introspectRequest(lab.keys.introspector(), lab.keys.text(at * stride + (round % stride) + 1)),
  );
  const before = cpuTimeOf(pid).own;
  const presented = await presentOnce({
    port,
    count: FIRST_USES,
    request: (index) => requests[index] as Buffer,
    expected: ACTIVE,
    connections: CONNECTIONS,
  });
  const cpuSeconds = cpuTimeOf(pid).own - before;
  requireAllGood(presented, FIRST_USES);
  return throughputOf(FIRST_USES, presented.seconds, cpuSeconds);
}

function unknownKeys(lab: Lab): RequestSource {
  let index = 0;
  return () => introspectRequest(lab.keys.introspector(), lab.keys.unknown((index += 1)));
}
