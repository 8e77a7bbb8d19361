/** Something without which the service cannot answer. */
export type ReadinessCheck = 'database' | 'change_feed' | 'signing_keys';

/** Tells whether one thing that the service depends on is there. */
export interface ReadinessProbe {
  readonly check: ReadinessCheck;
  /** False and a rejection mean the same. Answers within a second, or counts as false. */
  isReady(): boolean | Promise<boolean>;
}

/** Injection token of the list of {@link ReadinessProbe}s. */
export const READINESS_PROBES = Symbol('READINESS_PROBES');
