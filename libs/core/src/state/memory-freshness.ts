import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { Moment } from '../replicas/moment.js';

/** The lease that is kept up by following the change feed. */
export interface HeldLease {
  readonly since: Moment;
  readonly leaseMs: number;
}

/** The clocks of this process, milliseconds. */
export interface Clocks {
  /** Default: `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Default: `Date.now`. */
  readonly wallMs?: () => number;
}

/**
 * Guards every answer from memory: it is given only while the lease holds. Whoever revokes something
 * waits until every replica has applied that or its lease is over, and counts on nothing being
 * answered from memory after it.
 *
 * Of the two clocks the one counts that says that more time has passed: the monotonic one stands still
 * while the machine is suspended, and the other may be set back.
 */
export class MemoryFreshness {
  readonly #monotonicMs: () => number;
  readonly #wallMs: () => number;

  constructor(
    private readonly lease: HeldLease,
    { monotonicMs = () => performance.now(), wallMs = Date.now }: Clocks = {},
  ) {
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
  }

  /** Milliseconds since the moment as of which memory is right; infinite while that is unknown. */
  get ageMs(): number {
    const { since } = this.lease;
    return Math.max(this.#monotonicMs() - since.monotonicMs, this.#wallMs() - since.wallMs);
  }

  isFresh(): boolean {
    return this.ageMs < this.lease.leaseMs;
  }

  /** @throws {DependencyUnavailable} when the lease is over */
  assertFresh(): void {
    if (!this.isFresh()) throw new DependencyUnavailable('change feed');
  }
}
