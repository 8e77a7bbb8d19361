import pLimit, { type LimitFunction } from 'p-limit';
import { DependencyUnavailable } from '../dependency-unavailable.js';

// Runs over which the shortest is sought.
const WINDOW = 256;
const RETRY_AFTER_MAX_MS = 30_000;

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
 * parameters are held to the same promise. Past it the caller is told when to come back: each to a
 * time of its own, behind those who were refused before, or they would all meet again.
 */
export class Argon2Queue {
  readonly #limit: LimitFunction;
  readonly #options: Argon2QueueOptions;
  readonly #now: () => number;
  /** The shortest run of the window under way, and of the one before it. */
  #shortestMs = Number.POSITIVE_INFINITY;
  #shortestBeforeMs = Number.POSITIVE_INFINITY;
  #runsInWindow = 0;
  #nextReturnMs = Number.NEGATIVE_INFINITY;

  constructor(options: Argon2QueueOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
    this.#now = options.now ?? (() => performance.now());
  }

  /** Runs waiting for a thread. */
  get length(): number {
    return this.#limit.pendingCount;
  }

  /** @throws {DependencyUnavailable} when the wait would be longer than the bound */
  run<T>(work: () => Promise<T>): Promise<T> {
    const waitMs = this.#limit.pendingCount * this.#placeMs;
    if (waitMs > this.#options.maxWaitMs) {
      const retryAfterSeconds = Math.ceil(this.#returnAfterMs(waitMs) / 1000);
      return Promise.reject(new DependencyUnavailable('argon2 queue', retryAfterSeconds));
    }
    return this.#limit(async () => {
      const startedAtMs = this.#now();
      try {
        return await work();
      } finally {
        this.#learn(this.#now() - startedAtMs);
      }
    });
  }

  /**
   * What one place in the queue costs. The shortest of the recent runs tells what argon2 takes; the
   * others had to wait until the process came round to them, most of all in a rush of first uses.
   */
  get #placeMs(): number {
    const { assumedRunMs = 1, concurrency } = this.#options;
    const shortestMs = Math.min(this.#shortestMs, this.#shortestBeforeMs);
    return (Number.isFinite(shortestMs) ? shortestMs : assumedRunMs) / concurrency;
  }

  #returnAfterMs(waitMs: number): number {
    const nowMs = this.#now();
    const latestMs = nowMs + RETRY_AFTER_MAX_MS;
    const returnMs = Math.min(Math.max(this.#nextReturnMs, nowMs + waitMs), latestMs);
    this.#nextReturnMs = returnMs + this.#placeMs;
    return returnMs - nowMs;
  }

  #learn(runMs: number): void {
    this.#shortestMs = Math.min(this.#shortestMs, runMs);
    this.#runsInWindow += 1;
    if (this.#runsInWindow < WINDOW) return;
    this.#shortestBeforeMs = this.#shortestMs;
    this.#shortestMs = Number.POSITIVE_INFINITY;
    this.#runsInWindow = 0;
  }
}
