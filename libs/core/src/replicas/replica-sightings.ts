import { leaseOverAfterMs } from './lease-over-after-ms.js';
import type { ReplicaRow } from './replica-row.js';

/**
 * Tells whose lease is over, by nothing but this process's own monotonic clock. The renewal that gave a
 * row its `seq` was sent before that `seq` was seen here, so that what it has renewed is over one lease
 * after that at the latest; and that there was no later renewal shows by the `seq` still being the
 * same, which whoever removes the row makes the condition of removing it.
 */
export class ReplicaSightings {
  #seen = new Map<string, { readonly seq: number; readonly sinceMs: number }>();

  /** @param overAfterMs by when on this clock a lease is over on its holder's */
  constructor(private readonly overAfterMs: (leaseMs: number) => number = leaseOverAfterMs) {}

  /**
   * Takes in what a reading saw.
   * @param receivedAtMs monotonic ms, read after its answer had come: a renewal may have been sent, and
   *   seen by the reading, while it was under way
   * @returns the rows whose lease is over, unless they were renewed since the reading
   */
  see(rows: readonly ReplicaRow[], receivedAtMs: number): readonly ReplicaRow[] {
    const seen = this.#seen;
    this.#seen = new Map();
    return rows.filter(({ id, seq, leaseMs }) => {
      const known = seen.get(id);
      const unchanged = known?.seq === seq ? known : undefined;
      this.#seen.set(id, unchanged ?? { seq, sinceMs: receivedAtMs });
      return (
        unchanged !== undefined && receivedAtMs - unchanged.sinceMs >= this.overAfterMs(leaseMs)
      );
    });
  }
}
