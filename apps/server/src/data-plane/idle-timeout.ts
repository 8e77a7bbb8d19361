/**
 * How long a connection may lie idle before it is closed, milliseconds. Longer than load balancers keep theirs,
 * so that it is never us who close one that they reuse.
 */
export const IDLE_TIMEOUT_MS = 72_000;

/**
 * Tells it to clients that heed it, as names and values by turns.
 * @see RFC 2068 §19.7.1.1
 */
export const KEEP_ALIVE_HINT: readonly string[] = [
  'keep-alive',
  `timeout=${IDLE_TIMEOUT_MS / 1000}`,
];
