import { ReplicaSightings } from './replica-sightings.js';
import type { ReplicaRow, ReplicaStore } from './replica-row.js';

/** What one reading of the replicas showed. */
export interface ReplicasObserved {
  /** All that were registered when it was read. */
  readonly rows: readonly ReplicaRow[];
  /** Those whose lease is over, and which are not registered any more. */
  readonly lapsed: ReadonlySet<string>;
}

export interface ReplicaWatchOptions {
  readonly store: ReplicaStore;
  /** Monotonic clock, ms. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Told of each replica that was cleared. */
  readonly onLapse?: (row: ReplicaRow) => void;
  /** By when on this clock a lease is over on its holder's. Default: `leaseOverAfterMs`. */
  readonly overAfterMs?: (leaseMs: number) => number;
}

/**
 * Reads who is registered and clears away whose lease is over. It remembers when it saw which renewal
 * first, so that what it has watched for a while is told dead at once.
 */
export class ReplicaWatch {
  /** How many were registered when they were last read. Only read it. */
  registered = 0;

  readonly #store: ReplicaStore;
  readonly #monotonicMs: () => number;
  readonly #onLapse: (row: ReplicaRow) => void;
  readonly #sightings: ReplicaSightings;

  constructor({
    store,
    monotonicMs = () => performance.now(),
    onLapse = () => undefined,
    overAfterMs,
  }: ReplicaWatchOptions) {
    this.#store = store;
    this.#monotonicMs = monotonicMs;
    this.#onLapse = onLapse;
    this.#sightings = new ReplicaSightings(overAfterMs);
  }

  /** Reads once, from now on. @throws what the store throws */
  async observe(): Promise<ReplicasObserved> {
    const rows = await this.#store.read();
    const lapsed = new Set<string>();
    for (const row of this.#sightings.see(rows, this.#monotonicMs())) {
      // Renewed in the meantime: its holder would go on, and nobody would wait for it.
      if (!(await this.#store.remove(row.id, row.seq))) continue;
      lapsed.add(row.id);
      this.#onLapse(row);
    }
    this.registered = rows.length - lapsed.size;
    return { rows, lapsed };
  }
}
