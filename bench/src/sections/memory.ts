import { setTimeout as delay } from 'node:timers/promises';
import type { Dataset } from '../data/dataset.js';
import { runClosedLoop } from '../load/closed-loop.js';
import { ACTIVE } from '../load/expectation.js';
import { rotating } from '../load/requests.js';
import { cpuTimeOf } from '../measure/cpu-time.js';
import { residentBytes } from '../measure/memory.js';
import type { Throughput } from '../measure/throughput.js';
import { formatCount, formatMib, formatNumber } from '../report/format.js';
import type { Service } from '../running/service.js';
import { makeKnown } from './make-known.js';
import type { Section, SectionRun } from './section.js';
import { warmUp } from './warm-up.js';

const KEYS = 100_000;
// As little as argon2 takes: so many first uses would last minutes, and what is remembered is the same.
const ARGON2_MEMORY_KIB = 8;
const IDLE_SECONDS = 3;

const DATASET: Dataset = { keys: KEYS, keysPerPrincipal: 1, argon2MemoryKib: ARGON2_MEMORY_KIB };

interface State {
  readonly name: string;
  readonly residentBytes: number;
  readonly postgresBytes: number;
  /** Used while nobody asks anything, of one core. */
  readonly idleCpuMillisPerSecond: number;
  readonly hot: Throughput | undefined;
}

/** What the service takes of the machine: idle, in use, and with many keys in memory. */
export const memory: Section = {
  name: 'memory',
  async run(run) {
    const service = await run.lab.startService(DATASET, {
      COUNTERSIGN_ARGON2_MEMORY_KIB: String(ARGON2_MEMORY_KIB),
    });
    const states = [await stateOf(run, service, 'after the start', undefined)];
    const one = await makeKnown(run.lab.keys, service, 1);
    states.push(await stateOf(run, service, 'one key in use', await busiest(run, service, one)));
    run.say(`presenting ${formatCount(KEYS)} keys`);
    const all = await makeKnown(run.lab.keys, service, KEYS);
    const name = `${formatCount(KEYS)} keys in use`;
    states.push(await stateOf(run, service, name, await busiest(run, service, all)));
    return [tableOf(states)];
  },
};

/** The cheapest request of all rounds: the others were disturbed. */
async function busiest(
  { options, say }: SectionRun,
  service: Service,
  requests: readonly Buffer[],
): Promise<Throughput | undefined> {
  say('measuring');
  const loop = { ...service, requests: rotating(requests), expected: ACTIVE };
  await warmUp(loop);
  const rounds: Throughput[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    rounds.push(await runClosedLoop({ ...loop, seconds: options.seconds / 2 }));
  }
  return rounds.toSorted((a, b) => a.cpuMicrosPerUnit - b.cpuMicrosPerUnit)[0];
}

async function stateOf(
  { lab, say }: SectionRun,
  { pid }: Service,
  name: string,
  hot: Throughput | undefined,
): Promise<State> {
  say(`idle: ${name}`);
  await delay(IDLE_SECONDS * 1000);
  const before = cpuTimeOf(pid).own;
  await delay(IDLE_SECONDS * 1000);
  const idleCpuMillisPerSecond = ((cpuTimeOf(pid).own - before) / IDLE_SECONDS) * 1000;
  return {
    name,
    residentBytes: residentBytes(pid),
    postgresBytes: lab.postgres.memoryBytes(),
    idleCpuMillisPerSecond,
    hot,
  };
}

function tableOf(states: readonly State[]) {
  const [atStart] = states;
  const full = states.at(-1);
  const bytesPerKey = ((full?.residentBytes ?? NaN) - (atStart?.residentBytes ?? NaN)) / KEYS;
  return {
    title: 'Memory and CPU of one process',
    columns: [
      '',
      'resident\nMiB',
      'Postgres\nMiB',
      'idle CPU\nms/s',
      'introspect, best\nCPU µs/request',
      'introspect\nrequests/s',
    ],
    rows: states.map((state) => [
      state.name,
      formatMib(state.residentBytes),
      formatMib(state.postgresBytes),
      formatNumber(state.idleCpuMillisPerSecond),
      formatNumber(state.hot?.cpuMicrosPerUnit ?? NaN),
      formatNumber(state.hot?.perSecond ?? NaN),
    ]),
    notes: [
      `resident: of the node process, ${IDLE_SECONDS} to ${2 * IDLE_SECONDS} s after the last request; nothing forces a garbage collection`,
      'Postgres: all of its processes, shared memory counted once',
      `about ${formatNumber(bytesPerKey)} bytes a key, each of a principal of its own, what is not collected yet included`,
      `argon2 at ${ARGON2_MEMORY_KIB} KiB in this section only, or the first uses alone would last minutes`,
    ],
  };
}
