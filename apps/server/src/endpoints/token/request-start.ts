/** When the handling of a request began, before anything was authenticated. */
export interface RequestStart {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Up to where this process had applied the change feed. */
  readonly feedPosition: number;
}
