/** What an answer may need and not have. A closed set: it is a label of a metric. */
export type Dependency =
  | 'database'
  | 'change feed'
  | 'argon2 queue'
  | 'signing key'
  /** The keys of a trusted issuer. */
  | 'trusted issuer'
  | 'dpop proof memory'
  /** A state that no change overtakes while it is being read. */
  | 'undisturbed reading';

/**
 * Something that an answer needs cannot be had now: the database is gone, or argon2's queue is full.
 * Always answered as 503 with Retry-After; never as a rejection of the credential.
 */
export class DependencyUnavailable extends Error {
  override readonly name = 'DependencyUnavailable';

  /**
   * @param dependency what is missing, for the operator's log
   * @param retryAfterSeconds whole seconds, at least 1
   */
  constructor(
    readonly dependency: Dependency,
    readonly retryAfterSeconds = 1,
    options?: ErrorOptions,
  ) {
    super(`${dependency} is unavailable`, options);
  }
}
