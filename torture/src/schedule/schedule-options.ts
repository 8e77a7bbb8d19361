/** What a schedule is made for. */
export interface ScheduleOptions {
  /** A whole number. */
  readonly seed: number;
  readonly durationMs: number;
  readonly replicas: number;
  /** How long a replica may answer from memory; pauses are longer. */
  readonly leaseMs: number;
}
