import { setTimeout as delay } from 'node:timers/promises';
import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { askOnce } from '../load/ask-once.js';
import { ISSUED, REVOKED } from '../load/expectation.js';
import { openAll } from '../load/open-all.js';
import { clientCredentialsRequest, revokeRequest, streamRequest } from '../load/requests.js';
import { StreamClient } from '../load/stream-client.js';
import { cpuTimeOf } from '../measure/cpu-time.js';
import { residentBytes } from '../measure/memory.js';
import { median } from '../measure/statistics.js';
import { formatCount, formatMib, formatNumber } from '../report/format.js';
import type { Service } from '../running/service.js';
import type { Section, SectionRun } from './section.js';

const STREAMS = 1_000;
const REVOCATIONS_PER_SECOND = 10;
const SETTLE_MS = 2_000;

interface State {
  readonly name: string;
  /** Revocations. */
  readonly perSecond: number;
  readonly cpuMillisPerSecond: number;
  readonly residentBytes: number;
  /** From the answer to a revoke until the last stream had the entry. */
  readonly reachedAllMs: readonly number[];
}

/** What a thousand streams of revocations take of one process: idle, and while tokens are revoked. */
export const streams: Section = {
  name: 'streams',
  async run(run) {
    const service = await run.lab.startService(STANDARD);
    const count = Math.ceil(run.options.rounds * run.options.seconds * REVOCATIONS_PER_SECOND);
    run.say(`issuing ${formatCount(2 * count)} tokens to revoke`);
    const tokens = await issue(run, service, 2 * count);
    const states = [
      await idle(run, service, 'no streams'),
      await revoking(run, service, tokens.slice(0, count), []),
    ];
    run.say(`opening ${formatCount(STREAMS)} streams`);
    const failed: Error[] = [];
    const request = streamRequest(run.lab.keys.introspector());
    const clients = await openAll(STREAMS, () =>
      StreamClient.open(service.port, request, (error) => failed.push(error)),
    );
    states.push(await idle(run, service, `${formatCount(STREAMS)} streams`));
    states.push(await revoking(run, service, tokens.slice(count), clients));
    for (const client of clients) client.close();
    if (failed.length > 0) throw new Error(`${failed.length} streams failed`, { cause: failed[0] });
    return [tableOf(states)];
  },
};

interface TokenToRevoke {
  readonly key: string;
  readonly token: string;
}

async function issue({ lab }: SectionRun, service: Service, count: number) {
  const tokens: TokenToRevoke[] = [];
  for (let index = 1; index <= count; index += 1) {
    const key = lab.keys.text(index);
    const request = clientCredentialsRequest(keyId(index), key, service.issuer);
    const { body } = await askOnce(service.port, request, ISSUED);
    tokens.push({ key, token: (JSON.parse(body) as { access_token: string }).access_token });
  }
  return tokens;
}

async function idle({ options, say }: SectionRun, { pid }: Service, name: string): Promise<State> {
  say(`idle: ${name}`);
  await delay(SETTLE_MS);
  const seconds = options.rounds * options.seconds;
  const before = cpuTimeOf(pid).own;
  await delay(seconds * 1000);
  const cpuMillisPerSecond = ((cpuTimeOf(pid).own - before) / seconds) * 1000;
  const bytes = residentBytes(pid);
  return { name, perSecond: 0, cpuMillisPerSecond, residentBytes: bytes, reachedAllMs: [] };
}

async function revoking(
  { say }: SectionRun,
  { pid, port }: Service,
  tokens: readonly TokenToRevoke[],
  clients: readonly StreamClient[],
): Promise<State> {
  const name = 'the same, revoking';
  say(name);
  const reachedAllMs: number[] = [];
  const entriesBefore = clients[0]?.entries ?? 0;
  const startMs = performance.now();
  const before = cpuTimeOf(pid).own;
  for (const [at, { key, token }] of tokens.entries()) {
    await askOnce(port, revokeRequest(key, token), REVOKED);
    const answeredMs = performance.now();
    await reached(clients, entriesBefore + at + 1);
    const last = Math.max(...clients.map(({ lastEntryAtMs }) => lastEntryAtMs));
    if (clients.length > 0) reachedAllMs.push(Math.max(0, last - answeredMs));
    const dueMs = startMs + ((at + 1) * 1000) / REVOCATIONS_PER_SECOND;
    await delay(Math.max(0, dueMs - performance.now()));
  }
  const seconds = (performance.now() - startMs) / 1000;
  const cpuMillisPerSecond = ((cpuTimeOf(pid).own - before) / seconds) * 1000;
  const perSecond = tokens.length / seconds;
  return { name, perSecond, cpuMillisPerSecond, residentBytes: residentBytes(pid), reachedAllMs };
}

async function reached(clients: readonly StreamClient[], entries: number): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (clients.some((client) => client.entries < entries)) {
    if (performance.now() > deadlineMs) throw new Error('an entry did not reach every stream');
    await delay(1);
  }
}

function tableOf(states: readonly State[]) {
  const largest = (values: readonly number[]) => Math.max(...values);
  const figure = (values: readonly number[], pick: typeof largest) =>
    values.length === 0 ? '' : formatNumber(pick(values));
  const [none, , idleStreams] = states;
  const bytesEach = ((idleStreams?.residentBytes ?? NaN) - (none?.residentBytes ?? NaN)) / STREAMS;
  return {
    title: `${formatCount(STREAMS)} streams of revocations on one process`,
    columns: [
      '',
      'revocations\n/s',
      'CPU\nms/s',
      'resident\nMiB',
      'on every stream after\nmedian ms',
      'longest\nms',
    ],
    rows: states.map((state) => [
      state.name,
      formatNumber(state.perSecond),
      formatNumber(state.cpuMillisPerSecond),
      formatMib(state.residentBytes),
      figure(state.reachedAllMs, (values) => median([...values])),
      figure(state.reachedAllMs, largest),
    ]),
    notes: [
      'default settings: a heartbeat every 250 ms on each stream, with a decision on its caller anew',
      'on every stream after: from the answer to /revoke until the last of the clients had the entry; the clients are one process on the other core',
      `${REVOCATIONS_PER_SECOND} revocations/s are aimed at; one by itself costs what the second row has more than the first`,
      `about ${formatNumber(bytesEach)} bytes a stream, what is not collected yet included`,
    ],
  };
}
