import { percentile } from '../measure/statistics.js';
import type { Answer } from './answer.js';
import { type Expectation, isExpected, UnexpectedAnswer } from './expectation.js';
import { Failure } from './failure.js';
import { HttpConnection } from './http-connection.js';
import { openAll } from './open-all.js';
import type { RequestSource } from './requests.js';

const TICK_MS = 1;
const DRAIN_TIMEOUT_MS = 10_000;

/** Requests that arrive at a rate of their own, whether those before were answered or not. */
export interface Arrivals {
  readonly perSecond: number;
  readonly requests: RequestSource;
  readonly expected: Expectation;
  /** More than are ever busy; should they be, the wait for a free one counts as latency. */
  readonly connections: number;
}

/** In milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** How late the bench itself noticed an arrival, at the 99th percentile; not part of the above. */
  readonly benchDelayP99: number;
}

/**
 * Lets requests arrive at random (Poisson) and measures from each one's arrival to its answer.
 * Arrivals are let in once a millisecond; latency counts from then, so that it is the server's and
 * not the timer's.
 * @returns the latencies of the first of `streams`; the others are there to disturb
 */
export async function runOpenLoop(
  port: number,
  streams: readonly [Arrivals, ...Arrivals[]],
  seconds: number,
): Promise<Latencies> {
  const failure = new Failure();
  const running: Stream[] = [];
  try {
    for (const arrivals of streams) {
      const connections = await openAll(arrivals.connections, () =>
        HttpConnection.open(port, failure.report),
      );
      running.push(new Stream(arrivals, connections));
    }
    await failure.orThrow(letArrive(running, seconds));
    const [measured] = running;
    if (measured === undefined) throw new Error('there is no stream to measure');
    return measured.latencies();
  } finally {
    for (const stream of running) stream.close();
  }
}

async function letArrive(streams: readonly Stream[], seconds: number): Promise<void> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  for (const stream of streams) stream.start(startMs);
  for (let nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
    for (const stream of streams) stream.admit(nowMs);
    await tick();
  }
  while (streams.some((stream) => stream.unanswered > 0)) {
    if (performance.now() > endMs + DRAIN_TIMEOUT_MS) {
      throw new Error(`requests are not answered after ${DRAIN_TIMEOUT_MS / 1000} s`);
    }
    await tick();
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

class Stream {
  readonly #free: HttpConnection[];
  readonly #all: readonly HttpConnection[];
  readonly #waiting: number[] = [];
  readonly #latenciesMs: number[] = [];
  readonly #delaysMs: number[] = [];
  #nextMs = 0;
  unanswered = 0;

  constructor(
    private readonly arrivals: Arrivals,
    connections: readonly HttpConnection[],
  ) {
    this.#all = connections;
    this.#free = [...connections];
  }

  start(nowMs: number): void {
    this.#nextMs = nowMs + this.#gapMs();
  }

  /** Lets in all that has arrived by now. */
  admit(nowMs: number): void {
    while (this.#nextMs <= nowMs) {
      this.#delaysMs.push(nowMs - this.#nextMs);
      this.#nextMs += this.#gapMs();
      this.unanswered += 1;
      // The one that has idled longest: none is left alone until the server hangs up on it.
      const connection = this.#free.shift();
      // Not `nowMs`: what is sent before this one in the same turn is the bench's own time.
      const arrivedMs = performance.now();
      if (connection === undefined) this.#waiting.push(arrivedMs);
      else this.#send(connection, arrivedMs);
    }
  }

  latencies(): Latencies {
    return {
      p50: percentile(this.#latenciesMs, 0.5),
      p99: percentile(this.#latenciesMs, 0.99),
      worst: percentile(this.#latenciesMs, 1),
      benchDelayP99: percentile(this.#delaysMs, 0.99),
    };
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #send(connection: HttpConnection, arrivedMs: number): void {
    connection.send(this.arrivals.requests(), (answer) =>
      this.#answered(connection, arrivedMs, answer),
    );
  }

  #answered(connection: HttpConnection, arrivedMs: number, answer: Answer): void {
    const { expected } = this.arrivals;
    this.#latenciesMs.push(performance.now() - arrivedMs);
    if (!isExpected(answer, expected)) throw new UnexpectedAnswer(answer, expected);
    this.unanswered -= 1;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#free.push(connection);
    else this.#send(connection, waiting);
  }

  /** Exponential gaps make arrivals independent of each other, as those of many clients are. */
  #gapMs(): number {
    return (-Math.log(1 - Math.random()) * 1000) / this.arrivals.perSecond;
  }
}
