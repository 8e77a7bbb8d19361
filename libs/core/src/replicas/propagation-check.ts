import type { Propagation } from '@countersign/contracts';
import { leaseOverAfterMs } from './lease-over-after-ms.js';
import type { ReplicasObserved } from './replica-watch.js';

/** The longest lease that a replica may register: what is assumed while none could be read. */
export const LONGEST_LEASE_MS = 300_000;

/**
 * How far one change has come. It waits for those that were registered when they were first read after
 * the commit, and for no other: whoever registers later looks at the feed after that, and so sees the
 * change before it answers anything.
 */
export class PropagationCheck {
  #pending: ReadonlySet<string> | undefined;
  #applied = 0;
  #lapsed = 0;
  #longestLeaseMs = LONGEST_LEASE_MS;

  /**
   * @param position of the change in the feed
   * @param committedAtMs monotonic ms, read after the commit was confirmed
   */
  constructor(
    private readonly position: number,
    private readonly committedAtMs: number,
  ) {}

  /** Whether no replica accepts any more what the change revoked. */
  get confirmed(): boolean {
    return this.#pending?.size === 0;
  }

  /** Whether there was a reading at all. */
  get begun(): boolean {
    return this.#pending !== undefined;
  }

  /** Takes in a reading that was begun after the commit. */
  see({ rows, lapsed }: ReplicasObserved): void {
    const registered = new Map(rows.map((row) => [row.id, row]));
    if (this.#pending === undefined) {
      this.#longestLeaseMs = Math.max(0, ...rows.map(({ leaseMs }) => leaseMs));
    }
    const pending = new Set<string>();
    for (const id of this.#pending ?? registered.keys()) {
      const row = registered.get(id);
      if (row !== undefined && row.appliedPosition >= this.position) this.#applied += 1;
      // Gone: it has stopped, or another process found its lease over.
      else if (row === undefined || lapsed.has(id)) this.#lapsed += 1;
      else pending.add(id);
    }
    this.#pending = pending;
  }

  /** What is known at `nowMs`, on the clock of `committedAtMs`. */
  result(nowMs: number): Propagation {
    const { confirmed } = this;
    const tookMs = Math.max(0, nowMs - this.committedAtMs);
    return {
      confirmed,
      replicas: this.#applied,
      lapsed: this.#lapsed,
      // When none could be read, there is at least the one that answers this.
      pending: this.#pending?.size ?? 1,
      took_ms: Math.round(tookMs),
      // Memory without the change is that of a look from before the commit, and so is its lease.
      ...(!confirmed && {
        bound_ms: Math.ceil(Math.max(0, leaseOverAfterMs(this.#longestLeaseMs) - tookMs)),
      }),
    };
  }
}
