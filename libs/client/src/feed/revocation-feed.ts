import { setTimeout as sleep } from 'node:timers/promises';
import { decorrelatedJitterGenerator, ExponentialBackoff } from 'cockatiel';
import { type Moment, momentOf } from '../moment.js';
import { ServiceFailure } from '../service/service-failure.js';
import { untilAborted } from '../service/until-aborted.js';
import { catchUp } from './catch-up.js';
import { Freshness } from './freshness.js';
import { followStream } from './follow-stream.js';
import { loadSnapshot, type Snapshot } from './load-snapshot.js';
import type { RevocationFeedParts } from './revocation-feed-parts.js';
import type { StreamEnd } from './stream-end.js';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2000;

/**
 * Follows the feed of revocations for as long as the verifier lives: all entries page by page, then the
 * stream from there on; when that ends, what has come since, and the next stream. Knows as of when nothing is missing.
 */
export class RevocationFeed {
  readonly freshness = new Freshness();
  readonly #closed = new AbortController();
  #following: Promise<void> | undefined;
  /** As far as everything is known, and of whom. */
  #known: Snapshot | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly parts: RevocationFeedParts) {}

  start(): void {
    this.#following ??= this.#follow();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#following;
  }

  ageMs(now: Moment): number {
    return this.freshness.ageMs(now);
  }

  /**
   * Resolves when the feed is known up to the limit's age.
   * @throws {unknown} the signal's reason, when it aborts
   */
  async fresh(signal: AbortSignal): Promise<void> {
    if (this.#isFresh()) return;
    let wake = () => {};
    const woken = new Promise<void>((resolve) => (wake = resolve));
    this.#waiting.add(wake);
    try {
      await untilAborted(woken, signal);
    } finally {
      this.#waiting.delete(wake);
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closed;
    let backoff = newBackoff();
    while (!signal.aborted) {
      const end = await this.#connect(() => {
        if (this.#isFresh()) backoff = newBackoff();
      });
      if (signal.aborted) return;
      if (end.next === 'reconnect') continue;
      if (end.next === 'reload') this.#forget();
      const retryInMs = backoff.duration;
      backoff = backoff.next(undefined);
      this.parts.onEvent({ type: 'disconnected', reason: end.reason, retryInMs });
      await sleep(retryInMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Loads what is not known yet, and follows the stream until it ends. */
  async #connect(onHeartbeat: () => void): Promise<StreamEnd> {
    const { signal } = this.#closed;
    const state = { ...this.parts, freshness: this.freshness, signal };
    try {
      const known =
        this.#known === undefined ? await loadSnapshot(state) : await catchUp(state, this.#known);
      if ('voided' in known) return { reason: known.voided, next: 'reload' };
      this.#known = known;
      this.#wake();
      const { organization } = known;
      return await followStream({
        ...state,
        ...known,
        onPosition: (position) => (this.#known = { position, organization }),
        onProgress: () => {
          onHeartbeat();
          this.#wake();
        },
      });
    } catch (error) {
      if (error instanceof ServiceFailure && error.isCallerRefused) {
        this.parts.onCallerRefused(error.details.status ?? 0);
      }
      return { reason: reasonOf(error), next: 'retry' };
    }
  }

  #forget(): void {
    this.#known = undefined;
    this.freshness.reset();
    this.parts.sink.reset();
    this.parts.onEvent({ type: 'reset' });
  }

  #isFresh(): boolean {
    return this.ageMs(momentOf(this.parts.clock)) <= this.parts.limitMs;
  }

  #wake(): void {
    if (this.#waiting.size === 0 || !this.#isFresh()) return;
    for (const wake of this.#waiting) wake();
  }
}

/** Jittered, so that not all who lost the same replica come back at once. */
function newBackoff() {
  return new ExponentialBackoff({
    initialDelay: FIRST_RETRY_MS,
    maxDelay: LAST_RETRY_MS,
    generator: decorrelatedJitterGenerator,
  }).next();
}

/** Of our own failures the message is known to tell nothing; of others the name must do. */
function reasonOf(error: unknown): string {
  if (error instanceof ServiceFailure) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}
