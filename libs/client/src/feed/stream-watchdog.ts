import { REVOCATION_HEARTBEAT_MAX_MS } from '@countersign/contracts';
import type { StreamEnd } from './stream-end.js';

/** Until the stream greets, which takes a connection, a TLS handshake and the check of a credential. */
const GREETING_MS = 3000;
/** How long heartbeats may each come too late, in multiples of how long they may not come at all. */
const LAGGING_SILENCES = 2;
const SILENCE_MAX_MS = 10_000;
const TICKS = 4;

/**
 * Ends a stream that tells nothing new: heartbeats stopped, or the time that they tell stands still,
 * which means that the replica has lost its database. And one that lags: what a heartbeat tells is too
 * old before the next one comes, since the replica is behind, or since the stream took so long to open
 * that what it tells counts from long before. Another stream may do better.
 *
 * Time is counted in ticks of a timer, not by a clock: while this process itself was held up, none
 * passed, and what has arrived meanwhile is read first.
 */
export class StreamWatchdog {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #silenceMs: number;
  readonly #tickMs: number;
  #end: StreamEnd | undefined;
  #isGreeted = false;
  #silentMs = 0;
  #laggingMs = 0;
  #openMs = 0;

  /** @param maxMs after which a stream is ended although it is well */
  constructor(
    limitMs: number,
    private readonly maxMs: number,
  ) {
    const wantedMs = Math.min(0.75 * limitMs, SILENCE_MAX_MS);
    this.#silenceMs = Math.max(wantedMs, 1.5 * REVOCATION_HEARTBEAT_MAX_MS);
    this.#tickMs = this.#silenceMs / TICKS;
    this.#timer = setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was ended; undefined while it was not. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  greeted(): void {
    this.#isGreeted = true;
    this.#silentMs = 0;
  }

  /**
   * The stream has told something new.
   * @param isInTime before what was known until then was too old
   */
  progressed(isInTime: boolean): void {
    this.#silentMs = 0;
    if (isInTime) this.#laggingMs = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#silentMs += this.#tickMs;
    if (this.#isGreeted) this.#laggingMs += this.#tickMs;
    this.#openMs += this.#tickMs;
    if (this.#silentMs > (this.#isGreeted ? this.#silenceMs : GREETING_MS)) {
      this.#abort({ reason: 'the stream fell silent', next: 'retry' });
    } else if (this.#laggingMs > LAGGING_SILENCES * this.#silenceMs) {
      this.#abort({ reason: 'the stream is too far behind', next: 'retry' });
    } else if (this.#openMs > this.maxMs) {
      this.#abort({ reason: 'the stream was followed for long enough', next: 'reconnect' });
    }
  }

  #abort(end: StreamEnd): void {
    this.#end = end;
    this.stop();
    this.#controller.abort();
  }
}
