import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeSink, Moment, ReplicaLease } from '@countersign/core';
import pg from 'pg';
import { CHANGES_CHANNEL } from './change-transaction.js';
import { SESSION } from './create-data-source.js';
import { type FeedEntry, type FeedView, readFeed, readHead } from './read-feed.js';
import { registerReplica, removeReplica } from './replica-registration.js';

const RECONNECT_FIRST_MS = 50;
const RECONNECT_LONGEST_MS = 2_000;
const GOODBYE_MS = 250;

/** Where the follower tells what an operator should know. */
export type FollowerLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** Settings of a `ChangeFollower`. */
export interface ChangeFollowerOptions {
  readonly url: string;
  /** Every change goes to each of them, in this order. */
  readonly sinks: readonly ChangeSink[];
  /** Kept up by following, registered before the first look and given back by `stop`. */
  readonly lease: ReplicaLease;
  readonly log: FollowerLog;
  /** Shown in `pg_stat_activity`. Default: `countersign-follower`. */
  readonly applicationName?: string;
  /** Longest pause between two looks at the feed; a notification ends it. Default: 100. */
  readonly pollIntervalMs?: number;
  /** Default: 2000. */
  readonly connectTimeoutMs?: number;
  /** A query that takes longer counts as a lost connection. Default: 1000. */
  readonly queryTimeoutMs?: number;
  /** Changes that one query reads, at most. Default: 500. */
  readonly batchSize?: number;
  /** Monotonic clock, ms. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Wall clock, ms. Default: `Date.now`. */
  readonly wallMs?: () => number;
  /** 0 to 1, for the jitter of reconnecting. Default: `Math.random`. */
  readonly random?: () => number;
}

interface Waiter {
  readonly position: number;
  readonly settle: (applied: boolean) => void;
}

/**
 * Follows the change feed on a connection of its own, keeps the sinks right by it, and with them the
 * lease to answer from them. Notifications only make it faster: the ordered table is the truth, and is
 * looked at anyway every poll interval. A lost connection, a hung query or a failing sink is retried
 * for ever; meanwhile `syncedAtMs` and the lease stand still, so that whoever answers from memory can
 * tell how old it is.
 */
export class ChangeFollower {
  /** Last position that every sink has taken in; -1 before the first. Only read it. */
  appliedPosition = -1;

  /**
   * Monotonic ms as of which everything committed is applied: taken before the question was sent.
   * -Infinity while memory is not known to be right at all. Only read it.
   */
  syncedAtMs = Number.NEGATIVE_INFINITY;

  readonly #options: Required<ChangeFollowerOptions>;
  readonly #waiters = new Set<Waiter>();
  readonly #stop = new AbortController();
  readonly #started: Promise<void>;
  #resolveStarted: () => void = () => undefined;
  #rejectStarted: (reason: unknown) => void = () => undefined;
  #following: Promise<void> | undefined;
  #appliedMark: string | null = null;
  #replicaId: string | null = null;
  #mustReset = true;
  #lookRequested = false;
  #endPause: () => void = () => undefined;

  constructor(options: ChangeFollowerOptions) {
    this.#options = {
      applicationName: 'countersign-follower',
      pollIntervalMs: 100,
      connectTimeoutMs: 2_000,
      queryTimeoutMs: 1_000,
      batchSize: 500,
      monotonicMs: () => performance.now(),
      wallMs: Date.now,
      random: Math.random,
      ...options,
    };
    this.#started = new Promise((resolve, reject) => {
      this.#resolveStarted = resolve;
      this.#rejectStarted = reject;
    });
    // Nobody has to wait for it: stop() may come before start().
    this.#started.catch(() => undefined);
  }

  /** Starts to follow; resolves once every sink is loaded and up to date. */
  start(): Promise<void> {
    // What is not retried, such as a URL that cannot be read, fails the start.
    this.#following ??= this.#follow().catch((error: unknown) => this.#rejectStarted(error));
    return this.#started;
  }

  /**
   * Stops for good and gives the lease back, so that nobody waits for this process: call it after the
   * last answer. Resolves once nothing is under way. Whoever still waits gets `false`.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#requestLook();
    await this.#following;
    this.#options.lease.suspend();
    this.#rejectStarted(new Error('the follower was stopped before it had synchronised'));
    for (const waiter of this.#waiters) waiter.settle(false);
  }

  /** Whether every sink has taken `position` in before the time is up; looks at the feed at once. */
  waitUntilApplied(position: number, timeoutMs: number): Promise<boolean> {
    if (this.appliedPosition >= position) return Promise.resolve(true);
    if (this.#stop.signal.aborted) return Promise.resolve(false);
    this.#requestLook();
    return new Promise((resolve) => {
      const settle = (applied: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(applied);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      const waiter: Waiter = { position, settle };
      this.#waiters.add(waiter);
    });
  }

  async #follow(): Promise<void> {
    const { log, lease } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const client = this.#newClient();
      try {
        await client.connect();
        await client.query(`LISTEN ${CHANGES_CHANNEL}`);
        while (!this.#stop.signal.aborted) {
          await this.#synchronise(client);
          if (failures > 0) log('info', 'change feed: followed again', { failures });
          failures = 0;
          this.#resolveStarted();
          // A revocation may wait for what was just applied: it is told at once.
          if (lease.hasTold(this.appliedPosition)) await this.#pause();
        }
        await this.#unregister(client);
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        failures += 1;
        log('warn', 'change feed: cannot be followed', { failures, reason: reasonOf(error) });
      } finally {
        // Bounded: over a dead connection, taking leave may take as long as the network's patience.
        const goodbye = client.end().catch(() => undefined);
        await Promise.race([goodbye, delay(GOODBYE_MS, undefined, { ref: false })]);
      }
      await this.#backOff(failures);
    }
  }

  #newClient(): pg.Client {
    const { url, applicationName, connectTimeoutMs, queryTimeoutMs } = this.#options;
    const client = new pg.Client({
      ...SESSION,
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      statement_timeout: queryTimeoutMs,
    });
    client.on('notification', () => this.#requestLook());
    // The next query fails and says why; this only makes it come at once.
    client.on('error', () => this.#requestLook());
    return client;
  }

  /** Reads and applies until nothing is left; starts over when the feed does not continue. */
  async #synchronise(client: pg.Client): Promise<void> {
    this.#lookRequested = false;
    for (;;) {
      this.#replicaId ??= await registerReplica(client, this.#options.lease.leaseMs);
      const reset = this.#mustReset;
      if (reset) await this.#reset(client);
      const askedAt = this.#now();
      const view = await this.#look(client, this.#replicaId, askedAt);
      if (view === undefined) continue;
      const entries = this.#continuation(view);
      if (entries === undefined) {
        this.#distrustMemory();
        const where = { position: this.appliedPosition, head: view.head };
        if (reset) throw new Error(`the change feed contradicts itself: ${JSON.stringify(where)}`);
        this.#options.log('warn', 'change feed: a gap; everything is loaded anew', where);
        continue;
      }
      for (const entry of entries) await this.#apply(entry);
      if (this.appliedPosition === view.head) {
        this.syncedAtMs = askedAt.monotonicMs;
        if (view.renewed) this.#beginLease(askedAt);
        return;
      }
    }
  }

  /** Looks, and renews the lease where it is due. Undefined: the registration is gone. */
  async #look(client: pg.Client, replicaId: string, askedAt: Moment) {
    const { lease, batchSize, log } = this.#options;
    const { appliedPosition } = this;
    if (!lease.isDue(askedAt.monotonicMs, appliedPosition)) {
      return readFeed(client, appliedPosition, batchSize);
    }
    const renewal = { replicaId, appliedPosition };
    const view = await readFeed(client, appliedPosition, batchSize, renewal);
    if (view.renewed) {
      lease.told(askedAt, appliedPosition);
      return view;
    }
    lease.lose();
    this.#replicaId = null;
    log('warn', 'lease: others found it over; registering anew', {});
    return undefined;
  }

  #beginLease(askedAt: Moment): void {
    const overForMs = Math.round(this.#options.lease.begin(askedAt));
    if (overForMs > 0) {
      this.#options.log('warn', 'lease: it was over, and is renewed', { over_for_ms: overForMs });
    }
  }

  /** Should it fail, others find the lease over by themselves. */
  async #unregister(client: pg.Client): Promise<void> {
    this.#options.lease.suspend();
    if (this.#replicaId !== null) await removeReplica(client, this.#replicaId);
  }

  #now(): Moment {
    const { monotonicMs, wallMs } = this.#options;
    return { monotonicMs: monotonicMs(), wallMs: wallMs() };
  }

  /**
   * The entries after the one that was applied last, if that one is still there as it was and none
   * is missing in between: no entry was pruned that is still needed, and this is not a database that
   * lost what it had committed.
   */
  #continuation({ head, entries }: FeedView): readonly FeedEntry[] | undefined {
    const position = this.appliedPosition;
    const last = entries[0]?.change.position === position ? entries[0] : undefined;
    if ((last?.mark ?? null) !== this.#appliedMark) return undefined;
    const next = last === undefined ? entries : entries.slice(1);
    const gapless = next.every(({ change }, index) => change.position === position + 1 + index);
    const end = position + next.length;
    const more = end < head && next.length >= this.#options.batchSize;
    return gapless && (end === head || more) ? next : undefined;
  }

  async #apply({ change, mark }: FeedEntry): Promise<void> {
    try {
      for (const sink of this.#options.sinks) {
        const taking = sink.apply(change);
        if (taking !== undefined) await taking;
      }
    } catch (error) {
      this.#distrustMemory();
      throw new Error(`a sink failed at position ${change.position}`, { cause: error });
    }
    this.#advanceTo(change.position, mark);
  }

  /** The head first, then the sinks: what is committed while they load comes again as a change. */
  async #reset(client: pg.Client): Promise<void> {
    this.#distrustMemory();
    const { head, entries } = await readHead(client);
    try {
      for (const sink of this.#options.sinks) await sink.reset();
    } catch (error) {
      throw new Error('a sink could not be loaded', { cause: error });
    }
    this.#mustReset = false;
    this.#advanceTo(head, entries[0]?.mark ?? null);
  }

  #distrustMemory(): void {
    this.#mustReset = true;
    this.syncedAtMs = Number.NEGATIVE_INFINITY;
    this.#options.lease.suspend();
  }

  #advanceTo(position: number, mark: string | null): void {
    this.appliedPosition = position;
    this.#appliedMark = mark;
    for (const waiter of this.#waiters) if (position >= waiter.position) waiter.settle(true);
  }

  #requestLook(): void {
    this.#lookRequested = true;
    this.#endPause();
  }

  #pause(): Promise<void> {
    if (this.#lookRequested) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollIntervalMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #backOff(failures: number): Promise<void> {
    const longestMs = Math.min(RECONNECT_LONGEST_MS, RECONNECT_FIRST_MS * 2 ** (failures - 1));
    const pauseMs = longestMs * (0.5 + this.#options.random() / 2);
    const { signal } = this.#stop;
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const reason = error.message || (code ?? error.name);
  return error.cause === undefined ? reason : `${reason}: ${reasonOf(error.cause)}`;
}
