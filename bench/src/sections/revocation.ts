import { setTimeout as delay } from 'node:timers/promises';
import { createVerifier, type Verifier } from '@countersign/client';
import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { audienceOf } from '../data/seed.js';
import { askOnce } from '../load/ask-once.js';
import { ISSUED, REVOKED } from '../load/expectation.js';
import { clientCredentialsRequest, revokeRequest } from '../load/requests.js';
import { percentile } from '../measure/statistics.js';
import { formatCount, formatNumber } from '../report/format.js';
import type { Table } from '../report/table.js';
import type { Service } from '../running/service.js';
import type { Section, SectionRun } from './section.js';

const REPLICAS = 3;
const ISSUER = 'https://auth.bench.example';
const AUDIENCE = audienceOf('RS256');
const REVOCATIONS_PER_SECOND = 10;
/** Longest time that a verifier may go on accepting what was revoked. */
const REFUSED_WITHIN_MS = 1_000;

/** How long one revocation took, milliseconds, from before it was sent. */
interface Reached {
  /** Until it was answered: every replica has applied it. */
  readonly confirmedMs: number;
  /** Until a local verifier turned the token away for the first time. */
  readonly refusedMs: number;
}

interface TokenToRevoke {
  readonly key: string;
  readonly token: string;
}

/** How long it takes until a revoked token is accepted nowhere any more: with one replica, and three. */
export const revocation: Section = {
  name: 'revocation',
  async run(run) {
    const services: Service[] = [];
    const rows: [name: string, reached: Reached[]][] = [];
    let next = 1;
    for (const replicas of [1, REPLICAS]) {
      while (services.length < replicas) {
        services.push(await run.lab.startService(STANDARD, { COUNTERSIGN_ISSUER: ISSUER }));
      }
      const count = Math.ceil(run.options.rounds * run.options.seconds * REVOCATIONS_PER_SECOND);
      run.say(`${replicas} replicas: issuing ${formatCount(count)} tokens to revoke`);
      const tokens = await issue(run, services, next, count);
      next += count;
      rows.push([`replicas: ${replicas}`, await revokeAll(run, services, tokens)]);
    }
    return [tableOf(rows)];
  },
};

async function issue(
  { lab }: SectionRun,
  [service]: readonly Service[],
  first: number,
  count: number,
): Promise<TokenToRevoke[]> {
  const tokens: TokenToRevoke[] = [];
  for (let index = first; index < first + count; index += 1) {
    const key = lab.keys.text(index);
    const request = clientCredentialsRequest(keyId(index), key, AUDIENCE);
    const { body } = await askOnce(service?.port ?? 0, request, ISSUED);
    tokens.push({ key, token: (JSON.parse(body) as { access_token: string }).access_token });
  }
  return tokens;
}

async function revokeAll(
  { lab, say }: SectionRun,
  services: readonly Service[],
  tokens: readonly TokenToRevoke[],
): Promise<Reached[]> {
  const [revoking] = services;
  const followed = services.at(-1);
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    credential: lab.keys.introspector(),
    serviceUrl: `http://127.0.0.1:${followed?.port}`,
    allowInsecureHttp: 'loopback',
  });
  try {
    await verifier.ready();
    say('revoking');
    const reached: Reached[] = [];
    for (const token of tokens) {
      reached.push(await revoke(revoking?.port ?? 0, verifier, token));
      await delay(1000 / REVOCATIONS_PER_SECOND);
    }
    return reached;
  } finally {
    await verifier.close();
  }
}

async function revoke(
  port: number,
  verifier: Verifier,
  { key, token }: TokenToRevoke,
): Promise<Reached> {
  if (!(await verifier.verify(token)).ok) throw new Error('a token that nobody revoked is refused');
  const sentMs = performance.now();
  const confirmed = askOnce(port, revokeRequest(key, token), REVOKED);
  const [confirmedMs, refusedMs] = await Promise.all([
    confirmed.then(() => performance.now() - sentMs),
    untilRefused(verifier, token).then(() => performance.now() - sentMs),
  ]);
  if (refusedMs > confirmedMs + REFUSED_WITHIN_MS) {
    throw new Error(`a revoked token was accepted for ${refusedMs.toFixed(0)} ms`);
  }
  return { confirmedMs, refusedMs };
}

/** Asks all the time, and lets everything else have its turn in between. */
async function untilRefused(verifier: Verifier, token: string): Promise<void> {
  for (;;) {
    const result = await verifier.verify(token);
    if (!result.ok && result.status !== 503) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function tableOf(rows: readonly (readonly [string, readonly Reached[]])[]): Table {
  const figures = (values: readonly number[]) =>
    [0.5, 0.99, 1].map((share) => formatNumber(percentile(values, share)));
  return {
    title: 'From sending a revocation of a token (POST /revoke) until it holds',
    columns: ['milliseconds', 'p50', 'p99', 'longest', 'p50', 'p99', 'longest'],
    groups: [
      { heading: 'confirmed', columns: 3 },
      { heading: 'refused by a verifier', columns: 3 },
    ],
    rows: rows.map(([name, reached]) => [
      name,
      ...figures(reached.map(({ confirmedMs }) => confirmedMs)),
      ...figures(reached.map(({ refusedMs }) => refusedMs)),
    ]),
    notes: [
      'confirmed: the answer is there, so that every replica has applied it; one connection for each revocation',
      'refused by a verifier: @countersign/client in the process of the bench, which follows another replica than the one that revokes, where there is another, and is asked all the time',
      `all replicas share one core; ${formatCount(rows[0]?.[1].length ?? 0)} revocations each, one after the other`,
    ],
  };
}
