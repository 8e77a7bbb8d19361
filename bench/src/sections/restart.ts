import { STANDARD } from '../data/dataset.js';
import { ACTIVE } from '../load/expectation.js';
import { presentOnce, type Presented } from '../load/present-once.js';
import { introspectRequest } from '../load/requests.js';
import { cpuTimeOf } from '../measure/cpu-time.js';
import { argon2Runs, type Argon2Runs } from '../measure/argon2-runs.js';
import { formatCount, formatNumber } from '../report/format.js';
import type { Table } from '../report/table.js';
import type { Section, SectionRun } from './section.js';

const KEYS = 10_000;
const CONNECTIONS = [500, KEYS];
const LIMIT_SECONDS = 60;

interface Restart {
  readonly connections: number;
  readonly startedInSeconds: number;
  readonly presented: Presented;
  readonly runs: Argon2Runs;
  readonly cpuSeconds: number;
}

/** A service that starts while thousands of keys are in use, and meets them all at once. */
export const restart: Section = {
  name: 'restart',
  async run(run) {
    // Once for nothing: the first start on a database makes its signing keys.
    const first = await run.lab.startService(STANDARD);
    await first.program.stop();
    const restarts: Restart[] = [];
    for (const connections of CONNECTIONS) restarts.push(await measure(run, connections));
    const wrong = restarts.find(({ presented }) => presented.wrong > 0);
    if (wrong !== undefined) {
      const { wrong: count, firstWrong } = wrong.presented;
      throw new Error(`${count} good keys were turned away; the first answer:\n${firstWrong}`);
    }
    return [tableOf(restarts)];
  },
};

async function measure({ lab, say }: SectionRun, connections: number): Promise<Restart> {
  const requests = Array.from({ length: KEYS }, (_, at) =>
    introspectRequest(lab.keys.introspector(), lab.keys.text(at + 1)),
  );
  const service = await lab.startService(STANDARD);
  say(`${formatCount(connections)} connections`);
  const before = cpuTimeOf(service.pid).own;
  const presented = await presentOnce({
    port: service.port,
    count: KEYS,
    request: (index) => requests[index] as Buffer,
    expected: ACTIVE,
    connections,
    limitSeconds: LIMIT_SECONDS,
  });
  const cpuSeconds = cpuTimeOf(service.pid).own - before;
  const runs = await argon2Runs(service.port);
  await service.program.stop();
  return { connections, startedInSeconds: service.startedInSeconds, presented, runs, cpuSeconds };
}

function tableOf(restarts: readonly Restart[]): Table {
  return {
    title: `Restart with ${formatCount(KEYS)} keys in use, each presented at once`,
    columns: [
      'connections',
      'start\ns',
      'answered',
      'after\ns',
      'wrong\nrefusals',
      '503, sent\nagain',
      'longest\nRetry-After s',
      'connections\nlost',
      'argon2\nmatched',
      'argon2\nrefused',
      'CPU s',
    ],
    rows: restarts.map(({ connections, startedInSeconds, presented, runs, cpuSeconds }) => [
      formatCount(connections),
      formatNumber(startedInSeconds),
      formatCount(presented.good),
      formatNumber(presented.seconds),
      formatCount(presented.wrong),
      formatCount(presented.postponed),
      formatCount(presented.longestWaitSeconds),
      formatCount(presented.lost),
      formatCount(runs.matched),
      formatCount(runs.refused),
      formatNumber(cpuSeconds),
    ]),
    notes: [
      `a key that is not answered for good after ${LIMIT_SECONDS} s is given up, and missing under "answered"`,
      'start: from the process to the first connection; the keys come right after',
      'connections as many as keys: all requests are under way at the same moment',
      "one argon2 run more than there are keys: the introspecting caller's",
    ],
  };
}
