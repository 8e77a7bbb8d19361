import pLimit, { type LimitFunction } from 'p-limit';
import { DependencyUnavailable } from '../dependency-unavailable.js';

// How much of the newest run's duration enters the running average.
const SMOOTHING = 0.1;

export interface Argon2QueueOptions {
  /** Runs at a time; more than the cores only lengthen each. */
  readonly concurrency: number;
  /** A run that would wait longer than this is refused at once. */
  readonly maxWaitMs: number;
  /** What one run is taken to last before the first was measured. */
  readonly assumedRunMs?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/**
 * The bounded queue in front of argon2. What bounds it is the expected wait, so that cheap and dear
 * parameters are held to the same promise; past it the caller is told when to come back.
 */
export class Argon2Queue {
  readonly #limit: LimitFunction;
  readonly #options: Argon2QueueOptions;
  readonly #now: () => number;
  #averageRunMs: number;

  constructor(options: Argon2QueueOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
    this.#now = options.now ?? (() => performance.now());
    this.#averageRunMs = options.assumedRunMs ?? 1;
  }

  /** Runs waiting for a thread. */
  get length(): number {
    return this.#limit.pendingCount;
  }

  /** @throws {DependencyUnavailable} when the wait would be longer than the bound */
  run<T>(work: () => Promise<T>): Promise<T> {
    const waitMs = (this.#limit.pendingCount * this.#averageRunMs) / this.#options.concurrency;
    if (waitMs > this.#options.maxWaitMs) {
      return Promise.reject(new DependencyUnavailable('argon2 queue', Math.ceil(waitMs / 1000)));
    }
    return this.#limit(async () => {
      const startedAt = this.#now();
      try {
        return await work();
      } finally {
        this.#averageRunMs += SMOOTHING * (this.#now() - startedAt - this.#averageRunMs);
      }
    });
  }
}
