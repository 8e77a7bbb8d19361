import type { Deadline } from './deadline.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { runSupervised, type SupervisedCommand } from './run-supervised.js';

/** Keeps the end of a chatty command's output, which is where the error is. */
const OUTPUT_LIMIT_CHARACTERS = 8_000;

/**
 * Runs a command to its end.
 *
 * @returns its exit status (127 if it could not be run) and what it printed
 * @throws {EmbeddedPostgresError} `start_timed_out`, when the command has been stopped
 */
export async function runToEnd(
  options: Omit<SupervisedCommand, 'stdin' | 'output'>,
  deadline: Deadline,
): Promise<{ status: number; output: string }> {
  const child = runSupervised({ ...options, stdin: 'pipe', output: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_LIMIT_CHARACTERS);
    });
  }
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.stdin?.end();
  }, deadline.remainingMs);
  const status = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.once('close', (code) => resolve(code ?? 127));
  }).finally(() => clearTimeout(timer));
  if (timedOut) {
    throw new EmbeddedPostgresError(
      'start_timed_out',
      `Embedded Postgres: the time limit passed while ${options.command[0]} ran.\n${output}`,
    );
  }
  return { status, output: output.trim() };
}
