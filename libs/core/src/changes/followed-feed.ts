/** How far the change feed has been followed. */
export interface FollowedFeed {
  /** Monotonic ms as of which everything committed was applied. */
  readonly syncedAtMs: number;
}
