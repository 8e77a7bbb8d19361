import type { RevocationHello } from '@countersign/contracts';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Moment, momentOf } from '../moment.js';
import { ServiceFailure } from '../service/service-failure.js';
import { readableEntry, readableHeartbeat, readableHello } from './feed-messages.js';
import type { SnapshotParts } from './load-snapshot.js';
import type { StreamEnd } from './stream-end.js';
import { StreamWatchdog } from './stream-watchdog.js';

/**
 * What a heartbeat tells is measured by the service's clock from the start of the stream on: the longer
 * ago that was, the more the two clocks' rates count. Three minutes at 500 ppm are 90 ms.
 */
const STREAM_MAX_MS = 180_000;
/** An entry has about 200 characters; one event that is far larger is none. */
const EVENT_MAX_CHARS = 65_536;

export interface StreamParts extends SnapshotParts {
  /** All up to here is known. */
  readonly position: number;
  /** Of which organization it is known; null: of every one. */
  readonly organization: string | null;
  /** All up to there is known now. */
  readonly onPosition: (position: number) => void;
  /** The freshness has moved. */
  readonly onProgress: () => void;
}

/**
 * Follows the stream of revocations until it ends, stops telling anything new, or was followed for long
 * enough.
 * @throws {ServiceFailure}
 */
export async function followStream(parts: StreamParts): Promise<StreamEnd> {
  const { audience, clock, limitMs, position, service, signal } = parts;
  const query = audience === undefined ? '' : `?${new URLSearchParams({ audience }).toString()}`;
  // From before the request: the service reads its clock after this.
  const sentAt = momentOf(clock);
  const watchdog = new StreamWatchdog(limitMs, STREAM_MAX_MS * (0.9 + Math.random() * 0.1));
  try {
    const response = await service.send(`/revocations/stream${query}`, {
      accept: 'text/event-stream',
      headers: { 'last-event-id': String(position), 'cache-control': 'no-store' },
      signal: AbortSignal.any([signal, watchdog.signal]),
    });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel();
      throw new ServiceFailure('malformed', 'the stream is none');
    }
    return await readEvents(response, new StreamReader(parts, sentAt, watchdog));
  } catch (error) {
    if (watchdog.end !== undefined) return watchdog.end;
    throw error;
  } finally {
    watchdog.stop();
  }
}

async function readEvents({ body }: Response, reader: StreamReader): Promise<StreamEnd> {
  const ended: StreamEnd = { reason: 'the stream ended', next: 'retry' };
  if (body === null) return ended;
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: EVENT_MAX_CHARS,
    onEvent: (event) => reader.read(event),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw unreadable();
    },
  });
  try {
    // Leaving the loop by an exception or a return cancels the body.
    for await (const chunk of body as ReadableStream<Uint8Array>) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (reader.voided !== undefined) return { reason: reader.voided, next: 'reload' };
    }
  } catch (cause) {
    if (cause instanceof ServiceFailure) throw cause;
    throw new ServiceFailure('network', 'the stream broke off', { cause });
  }
  return ended;
}

/** Applies the events of one stream. */
class StreamReader {
  /** Why all that was known is void; undefined: it is not. */
  voided: string | undefined;
  #clockMs: number | undefined;

  constructor(
    private readonly parts: StreamParts,
    private readonly sentAt: Moment,
    private readonly watchdog: StreamWatchdog,
  ) {}

  read({ event, data }: EventSourceMessage): void {
    if (this.voided !== undefined) return;
    switch (event) {
      case 'hello':
        return this.#hello(readableHello.safeParse(parseJson(data)).data ?? refuse());
      case 'revocation':
        return this.#entry(readableEntry.safeParse(parseJson(data)).data ?? refuse());
      case 'heartbeat':
        return this.#heartbeat(readableHeartbeat.safeParse(parseJson(data)).data ?? refuse());
      default:
      // What else a newer service may send takes nothing away.
    }
  }

  #hello({ issuer, organization, clock_ms, reset }: RevocationHello): void {
    if (issuer !== this.parts.issuer) {
      throw new ServiceFailure('malformed', 'the feed is that of another issuer');
    }
    this.#clockMs = clock_ms;
    if (reset) this.voided = 'the feed was reset';
    else if (organization !== this.parts.organization) {
      this.voided = 'the feed is that of another organization';
    }
    this.watchdog.greeted();
    this.parts.onEvent({ type: 'connected' });
  }

  #entry(entry: Parameters<StreamParts['sink']['apply']>[0][number]): void {
    if (this.#clockMs === undefined) throw unreadable();
    this.parts.sink.apply([entry]);
    this.parts.onPosition(entry.position);
  }

  #heartbeat({ position, synced_ms }: { position: string; synced_ms: number }): void {
    if (this.#clockMs === undefined) throw unreadable();
    // A replica that is behind the one before must not lead back to what is known already.
    const reached = Number(position);
    if (reached > this.parts.position) this.parts.onPosition(reached);
    const { clock, freshness, limitMs, sink } = this.parts;
    if (sink.isIncomplete(clock.wallMs() / 1000)) {
      this.voided = 'the wall clock was set back';
      return;
    }
    // Before it counts: whether it has come before what the last one told was too old.
    const isInTime = freshness.ageMs(momentOf(clock)) <= limitMs;
    if (!freshness.heartbeatReceived(this.sentAt, this.#clockMs, synced_ms)) return;
    this.watchdog.progressed(isInTime);
    this.parts.onProgress();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(): never {
  throw unreadable();
}

function unreadable(): ServiceFailure {
  return new ServiceFailure('malformed', 'an event of the stream cannot be read');
}
