import { elapsedMs, type Moment, momentAfter } from '../moment.js';

/**
 * How far the rates of two machines' clocks may differ: NTP slews by 500 ppm at most. What a heartbeat
 * tells was measured by the other machine's clock.
 */
const CLOCK_RATE_TOLERANCE = 0.0005;

/**
 * A moment as of which nothing is missing of what was revoked: a lower bound, which is never later than
 * the truth, whatever delays there were and whatever time the service's clocks tell.
 */
export class Freshness {
  #asOf: Moment | undefined;

  /** Milliseconds; Infinity while nothing is known. */
  ageMs(now: Moment): number {
    return this.#asOf === undefined ? Infinity : elapsedMs(this.#asOf, now);
  }

  /**
   * A page was answered that ends the feed.
   * @param sentAt before its request was sent
   * @param ageMs how old the service's own knowledge was when it answered
   * @returns whether the bound moved
   */
  pageAnswered(sentAt: Moment, ageMs: number): boolean {
    return this.#raise(momentAfter(sentAt, -ageMs));
  }

  /**
   * A heartbeat was received. The service read `clockMs` after `sentAt`, so that its `syncedMs` is, by
   * this machine's clock, not before `sentAt` and the time between the two.
   * @param sentAt before the stream was asked for
   * @param clockMs of `hello`, and `syncedMs` of the heartbeat: one clock, the service's
   * @returns whether the bound moved
   */
  heartbeatReceived(sentAt: Moment, clockMs: number, syncedMs: number): boolean {
    const passedMs = syncedMs - clockMs;
    return this.#raise(momentAfter(sentAt, passedMs - Math.abs(passedMs) * CLOCK_RATE_TOLERANCE));
  }

  /** What was known was forgotten. */
  reset(): void {
    this.#asOf = undefined;
  }

  /** Never back: what one replica has told is known, also when the next is behind. */
  #raise(asOf: Moment): boolean {
    if (this.#asOf !== undefined && !(asOf.monotonicMs > this.#asOf.monotonicMs)) return false;
    if (Number.isNaN(asOf.monotonicMs) || Number.isNaN(asOf.wallMs)) return false;
    this.#asOf = asOf;
    return true;
  }
}
