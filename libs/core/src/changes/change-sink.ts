import type { Change } from './change.js';

/** Something held in memory that the change feed keeps right. Its calls never overlap. */
export interface ChangeSink {
  /**
   * Takes one change in. A position counts as applied once every sink has resolved; a rejection
   * makes the follower start over with `reset`.
   */
  apply(change: Change): void | Promise<void>;

  /**
   * Forgets or reloads everything: the feed could not be followed without a gap. Where it goes on was
   * read before this is called, so that what is committed meanwhile comes as a change.
   */
  reset(): void | Promise<void>;
}
