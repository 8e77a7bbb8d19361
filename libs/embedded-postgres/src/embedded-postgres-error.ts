/** Why an embedded Postgres could not be had. */
export type EmbeddedPostgresErrorCode =
  /** This platform has no Postgres binary, or it is not installed, or it does not run here. */
  | 'no_binary'
  /** A file or folder belongs to another account, or cannot be reached by the one Postgres runs as. */
  | 'no_permission'
  /** The data directory's path cannot be part of a library path. */
  | 'unusable_path'
  /** The data was written by another major version of Postgres. */
  | 'other_major_version'
  /** Postgres, or the program that creates its data, ended instead of becoming ready. */
  | 'died_at_start'
  /** The time limit passed. */
  | 'start_timed_out';

/**
 * The only error {@link startEmbeddedPostgres} throws on purpose. Its message is written for the
 * person who started the process: what is wrong, and what to do about it.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
