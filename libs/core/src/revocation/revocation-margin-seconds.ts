/**
 * How long a revocation outlives what it hits, and how long after its end a token is still revoked: for
 * clocks that are behind, and requests under way.
 */
export const REVOCATION_MARGIN_SECONDS = 300;
