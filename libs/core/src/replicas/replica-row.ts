/** What a replica has told the others of itself, as one snapshot of the database had it. */
export interface ReplicaRow {
  /** Of one registration: whoever registers anew has another. */
  readonly id: string;
  /** Grows with each renewal of the lease. */
  readonly seq: number;
  /** Last position of the change feed that it has applied; -1 before the first. */
  readonly appliedPosition: number;
  readonly leaseMs: number;
}

/** The rows of all replicas, and how one that is dead is cleared. */
export interface ReplicaStore {
  /** All rows, of a snapshot that is taken after the call. */
  read(): Promise<readonly ReplicaRow[]>;
  /** Removes a row that still has this `seq`; false: it was renewed, or is gone already. */
  remove(id: string, seq: number): Promise<boolean>;
}
