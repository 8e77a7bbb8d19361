import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/**
 * Makes the error for a program of Postgres that ended at once.
 *
 * @param what begins the message, a sentence without its full stop
 * @param output the last lines it wrote
 */
export function explainDeath(what: string, output: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'died_at_start',
    `Embedded Postgres: ${what}. It wrote:\n${output || '(nothing)'}`,
  );
}
