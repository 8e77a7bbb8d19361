import { type Moment, NEVER } from './moment.js';

/**
 * The lease that a process holds to answer from memory: what it has told of itself, and from which
 * moment on the lease counts. It is renewed by looks at the change feed, and counts from before a look
 * was sent that has completely been applied: whatever was committed before that moment is in memory.
 */
export class ReplicaLease {
  /** From when on it counts; `NEVER` while memory is not known to be right. */
  since: Moment = NEVER;

  #toldPosition = -1;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param leaseMs how long it holds
   * @param renewEveryMs longest time between two renewals. Each is a commit that waits for the disk,
   *   which a look alone is not
   * @param onLapse told each time that it was over before it was renewed
   */
  constructor(
    readonly leaseMs: number,
    readonly renewEveryMs: number,
    private readonly onLapse: () => void = () => undefined,
  ) {}

  /** Whether the next look should renew it: it is time, or others may wait for the position. */
  isDue(nowMs: number, appliedPosition: number): boolean {
    return appliedPosition !== this.#toldPosition || nowMs - this.#toldAtMs >= this.renewEveryMs;
  }

  /** Whether what was applied was told yet. */
  hasTold(appliedPosition: number): boolean {
    return appliedPosition === this.#toldPosition;
  }

  /** A renewal was answered. The lease goes on only once `begin` is called for the same look. */
  told(askedAt: Moment, appliedPosition: number): void {
    this.#toldPosition = appliedPosition;
    this.#toldAtMs = askedAt.monotonicMs;
  }

  /**
   * What the look saw that renewed the lease is applied.
   * @returns for how many milliseconds it had been over; 0: it was not
   */
  begin(askedAt: Moment): number {
    const overForMs = askedAt.monotonicMs - this.since.monotonicMs - this.leaseMs;
    this.since = askedAt;
    if (overForMs < 0 || overForMs === Number.POSITIVE_INFINITY) return 0;
    this.onLapse();
    return overForMs;
  }

  /** Memory is not right any more: nothing is answered from it until `begin` is called again. */
  suspend(): void {
    this.since = NEVER;
    this.#toldAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Somebody found it over and cleared the registration, without which no renewal counts. */
  lose(): void {
    this.suspend();
    this.#toldPosition = -1;
    this.onLapse();
  }
}
