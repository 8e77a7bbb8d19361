// Shorter than any API key, and without the dots of a JWT.
const NAME = /^[\w-]{1,64}$/;

/**
 * The path of a field, with dots, for an answer: `restrictions.ips.0`. A member's name is submitted
 * like a value, so one that does not look like a name is not repeated.
 */
export function fieldPath(path: readonly PropertyKey[]): string {
  const segments = path.map(String).map((segment) => (NAME.test(segment) ? segment : '?'));
  return segments.join('.') || 'body';
}
