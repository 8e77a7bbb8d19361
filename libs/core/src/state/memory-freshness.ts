import { DependencyUnavailable } from '../dependency-unavailable.js';

/** How far the change feed has been followed. */
export interface FollowedFeed {
  /** Monotonic ms as of which everything committed was applied. */
  readonly syncedAtMs: number;
}

/**
 * Guards every answer from memory: while the change feed cannot be followed, what is in memory is
 * served up to a stated age and no longer, since a revocation may have been missed.
 */
export class MemoryFreshness {
  /**
   * @param maxStalenessMs how old memory may be
   * @param now monotonic ms, of the same clock as the feed's
   */
  constructor(
    private readonly feed: FollowedFeed,
    private readonly maxStalenessMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get ageMs(): number {
    return this.now() - this.feed.syncedAtMs;
  }

  isFresh(): boolean {
    return this.ageMs <= this.maxStalenessMs;
  }

  /** @throws {DependencyUnavailable} when memory is older than it may be */
  assertFresh(): void {
    if (!this.isFresh()) throw new DependencyUnavailable('change feed');
  }
}
