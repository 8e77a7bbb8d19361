import { performance } from 'node:perf_hooks';
import type { ServerResponse } from 'node:http';
import type { FollowedFeed } from '@countersign/core';
import type { HeldCaller } from '../../http/held-callers.js';
import { RevocationChannel } from './revocation-channel.js';
import type { RevocationFeed } from './revocation-feed.js';
import type { FeedReader } from './revocation-page.js';
import { RevocationStream, type StreamEnd } from './revocation-stream.js';
import { sseEvent } from './sse-event.js';

/** Heartbeats are not all due at once: each part of the streams has its turn. */
const TURNS = 10;
/** Entries that are applied within it go out together: each write costs as much as its system call. */
const FLUSH_EVERY_MS = 50;
/** When to come back, on average: spread, so that not all do at once. */
const RETRY_MS = 1_000;

export interface RevocationStreamsParts {
  readonly feed: RevocationFeed;
  /** On the same clock as `monotonicMs`. */
  readonly followed: FollowedFeed;
  readonly issuer: string;
  readonly heartbeatMs: number;
  readonly onEnd: (reason: StreamEnd) => void;
  readonly monotonicMs?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
}

/** How a stream begins. */
export interface StreamBeginning {
  readonly caller: HeldCaller;
  readonly reader: FeedReader;
  /** Everything up to here is known to the client. */
  readonly position: number;
  /** Whether the client has to forget what it knows. */
  readonly reset: boolean;
}

/**
 * All streams of the process. They are fed from the log by position, so that each client is sent
 * every entry once and in order, whatever is applied while it catches up; and one timer has the
 * heartbeats of all.
 */
export class RevocationStreams {
  readonly #parts: Required<RevocationStreamsParts>;
  readonly #channels = new Map<string, RevocationChannel>();
  readonly #channelOf = new Map<RevocationStream, RevocationChannel>();
  /** For each principal that has any. */
  readonly #ofPrincipal = new Map<string, Set<RevocationStream>>();
  readonly #turns = Array.from({ length: TURNS }, () => new Set<RevocationStream>());
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #flushRequested = false;
  /** What heartbeats may say: as of the last flush. */
  #position = -1;
  #syncedMs = 0;
  #closed = false;

  constructor(parts: RevocationStreamsParts) {
    this.#parts = { monotonicMs: () => performance.now(), random: Math.random, ...parts };
    parts.feed.subscribe({
      applied: (_position, revocation) => {
        if (revocation !== null) this.#requestFlush();
      },
      reset: () => this.endAll('reset'),
    });
  }

  /** Streams that are open. */
  get size(): number {
    return this.#channelOf.size;
  }

  /**
   * Whether another stream of this principal may begin. Where all places are taken, one whose principal has
   * the most makes room for a principal that has fewer: a reader that takes what it can get keeps nobody out.
   * @param max streams of the process
   */
  makePlace(principalId: string, max: number): boolean {
    if (this.#closed) return false;
    if (this.size < max) return true;
    const held = this.#ofPrincipal.get(principalId)?.size ?? 0;
    let most: ReadonlySet<RevocationStream> = new Set();
    for (const streams of this.#ofPrincipal.values()) if (streams.size > most.size) most = streams;
    if (most.size <= held + 1) return false;
    [...most].at(-1)?.end('displaced');
    return true;
  }

  /**
   * Begins a stream: hello, what the client lacks, and then what comes.
   * @param response its head was written
   */
  open(response: ServerResponse, { caller, reader, position, reset }: StreamBeginning): void {
    const stream = new RevocationStream(response, caller, position, (ended, reason) =>
      this.#remove(ended, reason),
    );
    const channel = this.#enter(stream, reader);
    stream.write(this.#hello(reader, reset));
    void this.#catchUp(stream, channel);
  }

  /** Ends every stream at once. */
  endAll(reason: StreamEnd): void {
    for (const stream of [...this.#channelOf.keys()]) stream.end(reason);
  }

  /** Ends every stream at once, and for good. */
  close(): void {
    this.#closed = true;
    this.endAll('drain');
  }

  #hello({ organizationId }: FeedReader, reset: boolean): string {
    const { issuer, monotonicMs, random } = this.#parts;
    const retryMs = Math.round(RETRY_MS * (0.5 + random()));
    // Rounded up, as synced_ms is down: what a client works out is a bound, and stays one.
    const clock_ms = Math.ceil(monotonicMs());
    const hello = { issuer, organization: organizationId ?? null, clock_ms, reset };
    // A client that forgets, and breaks off before it has the first entry, comes back for all of them.
    return `retry: ${retryMs}\n${sseEvent('hello', hello, reset ? 0 : undefined)}`;
  }

  async #catchUp(stream: RevocationStream, channel: RevocationChannel): Promise<void> {
    while (!stream.ended) {
      const part = channel.partAfter(stream.position);
      if (part.bytes !== undefined) stream.write(part.bytes);
      stream.position = part.position;
      if (stream.ended) return;
      // In the turn in which the last part was read: nothing can have been applied in between.
      if (!part.more && channel.join(stream)) {
        this.#flush();
        stream.write(this.#heartbeat());
        return;
      }
      await stream.writable();
      await nextTurn();
    }
  }

  #requestFlush(): void {
    if (this.#flushRequested || this.size === 0) return;
    // Else the next tick has it.
    if (this.#parts.monotonicMs() - this.#flushedAtMs < FLUSH_EVERY_MS) return;
    this.#flushRequested = true;
    setImmediate(() => {
      this.#flushRequested = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { feed, followed, monotonicMs } = this.#parts;
    this.#flushedAtMs = monotonicMs();
    for (const channel of this.#channels.values()) channel.flush();
    this.#position = feed.position;
    // While memory is not known to be right, what was true before is still all that is known.
    const { syncedAtMs } = followed;
    if (Number.isFinite(syncedAtMs)) this.#syncedMs = Math.max(0, Math.floor(syncedAtMs));
  }

  #heartbeat(): string {
    const position = this.#position;
    const heartbeat = { position: String(position), synced_ms: this.#syncedMs };
    return sseEvent('heartbeat', heartbeat, position);
  }

  #tick(): void {
    const { feed, monotonicMs } = this.#parts;
    const nowMs = monotonicMs();
    const nothingNew = feed.position === this.#position;
    if (nothingNew || nowMs - this.#flushedAtMs >= FLUSH_EVERY_MS) this.#flush();
    this.#turn = (this.#turn + 1) % TURNS;
    const streams = this.#turns[this.#turn] ?? [];
    const heartbeat = Buffer.from(this.#heartbeat());
    for (const stream of streams) {
      if (!this.#mayGoOn(stream)) continue;
      stream.checkPace(nowMs);
      if (this.#channelOf.get(stream)?.isLive(stream)) stream.write(heartbeat);
    }
  }

  /** Whether the caller may still follow, as far as that can be told at once. */
  #mayGoOn(stream: RevocationStream): boolean {
    const good = stream.caller.isStillGood();
    if (good instanceof Promise) {
      void good.then((settled) => settled || stream.end('credential'));
      return true;
    }
    if (!good) stream.end('credential');
    return good;
  }

  #enter(stream: RevocationStream, reader: FeedReader): RevocationChannel {
    const key = JSON.stringify([reader.audience ?? null, reader.organizationId ?? null]);
    const known = this.#channels.get(key);
    const channel = known ?? new RevocationChannel(this.#parts.feed, reader);
    channel.enter(stream);
    this.#channels.set(key, channel);
    this.#channelOf.set(stream, channel);
    this.#smallestTurn().add(stream);
    const { principalId } = stream.caller;
    const others = this.#ofPrincipal.get(principalId);
    if (others === undefined) this.#ofPrincipal.set(principalId, new Set([stream]));
    else others.add(stream);
    this.#timer ??= setInterval(() => this.#tick(), this.#parts.heartbeatMs / TURNS).unref();
    return channel;
  }

  #smallestTurn(): Set<RevocationStream> {
    return this.#turns.reduce((smallest, turn) => (turn.size < smallest.size ? turn : smallest));
  }

  #remove(stream: RevocationStream, reason: StreamEnd): void {
    const left = this.#channelOf.get(stream);
    this.#channelOf.delete(stream);
    for (const turn of this.#turns) turn.delete(stream);
    const { principalId } = stream.caller;
    const others = this.#ofPrincipal.get(principalId);
    others?.delete(stream);
    if (others?.size === 0) this.#ofPrincipal.delete(principalId);
    left?.leave(stream);
    if (left?.size === 0) {
      for (const [key, channel] of this.#channels) if (channel === left) this.#channels.delete(key);
    }
    if (this.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#parts.onEnd(reason);
  }
}

/** Lets others have their turn between two parts of a long catching up. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
