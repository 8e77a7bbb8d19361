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
    readonly dependency: string,
    readonly retryAfterSeconds = 1,
    options?: ErrorOptions,
  ) {
    super(`${dependency} is unavailable`, options);
  }
}
