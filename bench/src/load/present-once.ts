import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, textOf } from './answer.js';
import { type Expectation, isExpected } from './expectation.js';
import { HttpConnection } from './http-connection.js';
import { openAll } from './open-all.js';

const RETRY_AFTER = /\r\nretry-after: *(\d+)/i;
// Before a lost connection is made anew; not all at the same moment.
const RECONNECT_LONGEST_MS = 1_000;

export interface Presentation {
  readonly port: number;
  readonly count: number;
  /** The bytes of request `index`, from 0. */
  readonly request: (index: number) => Buffer;
  readonly expected: Expectation;
  /** Requests under way at a time, at most. */
  readonly connections: number;
  /** When to give up on what is not answered. Default 300. */
  readonly limitSeconds?: number;
}

const LIMIT_SECONDS = 300;

/** How it went until every request had its answer. */
export interface Presented {
  /** From the first request to the last answer, or to the limit; connections were open before. */
  readonly seconds: number;
  /** Good answers. */
  readonly good: number;
  /** Answers that were none of good, 503 and 408. */
  readonly wrong: number;
  readonly firstWrong: string | undefined;
  /** Answers of 503: the request was sent again when Retry-After said. */
  readonly postponed: number;
  /** The largest Retry-After among them. */
  readonly longestWaitSeconds: number;
  /** Times that a request found no connection, or lost it (408 included); it was sent again. */
  readonly lost: number;
}

/** Sends each request until it is answered for good, all of them as fast as the connections can. */
export async function presentOnce(presentation: Presentation): Promise<Presented> {
  const { port, count, connections, limitSeconds = LIMIT_SECONDS } = presentation;
  const clients = await openAll(Math.min(connections, count), () => Client.connected(port));
  const tally: Tally = {
    good: 0,
    wrong: 0,
    firstWrong: undefined,
    postponed: 0,
    longestWaitSeconds: 0,
    lost: 0,
  };
  const limit = new AbortController();
  let next = 0;
  const work = async (client: Client) => {
    for (let index = next++; index < count; index = next++) {
      await presentOne(client, presentation, index, tally, limit.signal);
    }
  };
  const startMs = performance.now();
  const timer = setTimeout(() => limit.abort(), limitSeconds * 1000);
  try {
    await Promise.race([Promise.all(clients.map(work)), aborted(limit.signal)]);
    return { ...tally, seconds: (performance.now() - startMs) / 1000 };
  } finally {
    limit.abort();
    clearTimeout(timer);
    for (const client of clients) client.close();
  }
}

/** @throws {Error} unless every request had a good answer */
export function requireAllGood({ good, wrong, firstWrong }: Presented, count: number): void {
  if (wrong > 0) throw new Error(`${wrong} good keys were turned away; first:\n${firstWrong}`);
  if (good < count) throw new Error(`${count - good} keys were not answered in time`);
}

interface Tally {
  good: number;
  wrong: number;
  firstWrong: string | undefined;
  postponed: number;
  longestWaitSeconds: number;
  lost: number;
}

async function presentOne(
  client: Client,
  { request, expected }: Presentation,
  index: number,
  tally: Tally,
  limit: AbortSignal,
): Promise<void> {
  while (!limit.aborted) {
    const reply = await client.exchange(request(index), expected);
    switch (reply.outcome) {
      case 'good':
        tally.good += 1;
        return;
      case 'wrong':
        tally.wrong += 1;
        tally.firstWrong ??= reply.text;
        return;
      case 'later':
        tally.postponed += 1;
        tally.longestWaitSeconds = Math.max(tally.longestWaitSeconds, reply.retryAfterSeconds);
        await pause(reply.retryAfterSeconds * 1000);
        break;
      case 'lost':
        tally.lost += 1;
        await pause(Math.random() * RECONNECT_LONGEST_MS);
        break;
    }
  }
}

/** Does not keep the process alive: the limit's timer does, as long as somebody waits. */
function pause(ms: number): Promise<void> {
  return delay(ms, undefined, { ref: false });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

type Reply =
  | { readonly outcome: 'good' }
  | { readonly outcome: 'wrong'; readonly text: string }
  | { readonly outcome: 'later'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'lost' };

/** A client that waits for its answer, and connects again where the server has hung up. */
class Client {
  #connection: HttpConnection | undefined;
  #onLost: () => void = () => undefined;

  constructor(private readonly port: number) {}

  static async connected(port: number): Promise<Client> {
    const client = new Client(port);
    await client.#connect();
    return client;
  }

  async exchange(request: Buffer, expected: Expectation): Promise<Reply> {
    const connection = this.#connection ?? (await this.#connect().catch(() => undefined));
    if (connection === undefined) return { outcome: 'lost' };
    return new Promise((resolve) => {
      this.#onLost = () => resolve({ outcome: 'lost' });
      connection.send(request, (answer) => resolve(replyOf(answer, expected)));
    });
  }

  close(): void {
    this.#connection?.close();
  }

  async #connect(): Promise<HttpConnection> {
    const connection = await HttpConnection.open(this.port, () => {
      this.#connection = undefined;
      this.#onLost();
    });
    this.#connection = connection;
    return connection;
  }
}

function replyOf(answer: Answer, expected: Expectation): Reply {
  if (isExpected(answer, expected)) return { outcome: 'good' };
  // The connection was too slow, which says nothing about the key. RFC 9110 §15.5.9: repeat it.
  if (answer.status === 408) return { outcome: 'lost' };
  const text = textOf(answer);
  const retryAfter = answer.status === 503 ? RETRY_AFTER.exec(text)?.[1] : undefined;
  return retryAfter === undefined
    ? { outcome: 'wrong', text }
    : { outcome: 'later', retryAfterSeconds: Number(retryAfter) };
}
