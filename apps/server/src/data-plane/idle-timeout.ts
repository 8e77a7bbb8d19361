/**
 * How long a connection may lie idle before it is closed, milliseconds. Longer than load balancers keep theirs,
 * so that it is never us who close one that they reuse.
 */
export const IDLE_TIMEOUT_MS = 72_000;
