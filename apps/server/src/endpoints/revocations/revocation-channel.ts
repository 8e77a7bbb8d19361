import type { RevocationFeed } from './revocation-feed.js';
import type { FeedReader } from './revocation-page.js';
import type { RevocationStream } from './revocation-stream.js';
import { sseEvent } from './sse-event.js';
import { toRevocationEntry } from './to-revocation-entry.js';

/** Entries that are written at once: large enough to be cheap, small enough for others' turn. */
const PART_ENTRIES = 500;
/** Parts that are kept meanwhile, so that a thousand clients that start anew cost little more than one. */
const PARTS_KEPT = 64;

interface EncodedPart {
  readonly bytes: Buffer | undefined;
  readonly position: number;
  readonly more: boolean;
}

/**
 * The streams that see the same part of the feed: the same audience, the same organization. An entry
 * is made into an event once for all of them.
 */
export class RevocationChannel {
  /** Streams that were sent everything up to `#position`. */
  readonly #live = new Set<RevocationStream>();
  readonly #catchingUp = new Set<RevocationStream>();
  readonly #kept = new Map<number, EncodedPart>();
  #position = -1;

  constructor(
    private readonly feed: RevocationFeed,
    private readonly reader: FeedReader,
  ) {}

  /** Streams of the channel. */
  get size(): number {
    return this.#live.size + this.#catchingUp.size;
  }

  /** Whether a stream was sent everything up to the last flush. */
  isLive(stream: RevocationStream): boolean {
    return this.#live.has(stream);
  }

  /** Takes a stream in that may lack entries. */
  enter(stream: RevocationStream): void {
    this.#catchingUp.add(stream);
  }

  /** Sends the live streams what was applied since the last time. */
  flush(): void {
    if (this.#live.size === 0) {
      this.#position = this.feed.position;
      return;
    }
    while (this.#position < this.feed.position) {
      const { bytes, position } = this.partAfter(this.#position);
      if (bytes !== undefined) for (const stream of this.#live) stream.write(bytes);
      for (const stream of this.#live) stream.position = position;
      this.#position = position;
    }
  }

  /**
   * Lets a stream that has everything take part in what comes.
   * @returns false: it lacks something still
   */
  join(stream: RevocationStream): boolean {
    this.flush();
    if (stream.position < this.#position) return false;
    this.#live.add(stream);
    this.#caughtUp(stream);
    return true;
  }

  leave(stream: RevocationStream): void {
    this.#live.delete(stream);
    this.#caughtUp(stream);
  }

  /** What comes after a position, as events; undefined bytes: nothing that concerns the channel. */
  partAfter(after: number): EncodedPart {
    const kept = this.#kept.get(after);
    if (kept !== undefined) return kept;
    const limit = PART_ENTRIES;
    const { revocations, position, more } = this.feed.entriesAfter(after, {
      ...this.reader,
      limit,
    });
    const events = revocations.map((one) =>
      sseEvent('revocation', toRevocationEntry(one), one.position),
    );
    const bytes = events.length === 0 ? undefined : Buffer.from(events.join(''));
    const part = { bytes, position, more };
    // Only a full one stays as it is.
    if (more) this.#keep(after, part);
    return part;
  }

  #caughtUp(stream: RevocationStream): void {
    this.#catchingUp.delete(stream);
    if (this.#catchingUp.size === 0) this.#kept.clear();
  }

  #keep(after: number, part: EncodedPart): void {
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= PARTS_KEPT && !oldest.done) this.#kept.delete(oldest.value);
    this.#kept.set(after, part);
  }
}
