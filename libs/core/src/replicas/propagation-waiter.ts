import type { Propagation } from '@countersign/contracts';
import { PropagationCheck } from './propagation-check.js';
import type { ReplicaWatch } from './replica-watch.js';

// Most replicas have applied a change within a few milliseconds; one that has not by then may take
// as long as its lease.
const PAUSE_SHORTEST_MS = 3;
const PAUSE_LONGEST_MS = 50;
const PAUSE_SHARE = 0.25;

export interface PropagationWaiterOptions {
  readonly watch: Pick<ReplicaWatch, 'observe'>;
  /** Monotonic clock, ms. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Told of each reading that failed. */
  readonly onFailure?: (error: unknown) => void;
  /** Told of each result. */
  readonly onResult?: (propagation: Propagation) => void;
}

interface Waiting {
  readonly check: PropagationCheck;
  readonly sinceMs: number;
  readonly settle: () => void;
  overdue: boolean;
}

/**
 * Waits until every replica has applied a change, or its lease is over. All who wait share one reading
 * at a time, and while nobody does, nothing is read.
 */
export class PropagationWaiter {
  readonly #watch: Pick<ReplicaWatch, 'observe'>;
  readonly #monotonicMs: () => number;
  readonly #onFailure: (error: unknown) => void;
  readonly #onResult: (propagation: Propagation) => void;
  readonly #waiting = new Set<Waiting>();
  #reading = false;
  #endPause: () => void = () => undefined;

  constructor({
    watch,
    monotonicMs = () => performance.now(),
    onFailure = () => undefined,
    onResult = () => undefined,
  }: PropagationWaiterOptions) {
    this.#watch = watch;
    this.#monotonicMs = monotonicMs;
    this.#onFailure = onFailure;
    this.#onResult = onResult;
  }

  /**
   * How far the change at `position` has come, once it is confirmed or the time is up. It is read at
   * least once, so that even who does not wait is told the truth.
   * @param committedAtMs monotonic ms, read after the commit was confirmed
   */
  waitUntilConfirmed(
    position: number,
    committedAtMs: number,
    waitMs: number,
  ): Promise<Propagation> {
    const check = new PropagationCheck(position, committedAtMs);
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        const result = check.result(this.#monotonicMs());
        this.#onResult(result);
        resolve(result);
      };
      const waiting: Waiting = { check, sinceMs: this.#monotonicMs(), settle, overdue: false };
      const timer = setTimeout(() => {
        waiting.overdue = true;
        if (check.begun) settle();
      }, waitMs);
      this.#waiting.add(waiting);
      this.#endPause();
      if (!this.#reading) void this.#readWhileAnybodyWaits();
    });
  }

  async #readWhileAnybodyWaits(): Promise<void> {
    this.#reading = true;
    while (this.#waiting.size > 0) {
      // Who comes while a reading is under way has committed after it began, and waits for the next.
      const readFor = [...this.#waiting];
      try {
        const observed = await this.#watch.observe();
        for (const { check } of readFor) check.see(observed);
      } catch (error) {
        this.#onFailure(error);
      }
      for (const waiting of readFor) {
        const { check, overdue, settle } = waiting;
        if ((check.confirmed || overdue) && this.#waiting.has(waiting)) settle();
      }
      if (this.#waiting.size > 0) await this.#pause(readFor);
    }
    this.#reading = false;
  }

  #pause(readFor: readonly Waiting[]): Promise<void> {
    const isNew = (waiting: Waiting) => !readFor.includes(waiting);
    if ([...this.#waiting].some(isNew)) return Promise.resolve();
    const youngest = Math.max(...[...this.#waiting].map(({ sinceMs }) => sinceMs));
    const share = (this.#monotonicMs() - youngest) * PAUSE_SHARE;
    const pauseMs = Math.min(PAUSE_LONGEST_MS, Math.max(PAUSE_SHORTEST_MS, share));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
