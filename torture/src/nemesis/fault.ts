/** Whose answers may be missing while something is broken, and for a while after. */
export interface Affected {
  readonly replicas: readonly number[];
  /** Replicas whose local verifiers may be without an answer. */
  readonly verifiersOf: readonly number[];
}

/** Something that is broken now. */
export interface Fault {
  readonly affected: Affected;
  /** Mends it; resolves once it is whole again as far as the test bed can tell. */
  end(): Promise<void>;
}

export function affects(...replicas: number[]): Affected {
  return { replicas, verifiersOf: replicas };
}
