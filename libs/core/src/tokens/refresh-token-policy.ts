/** How long a refresh token lives, in seconds. */
export interface RefreshTokenPolicy {
  /** Since it was last used. */
  readonly idleTtlSeconds: number;
  /** Since the first of its family was issued, however often it is used. */
  readonly absoluteTtlSeconds: number;
}

/** The policy that keeps to all of `policies`; null when one of them allows no refresh tokens. */
export function strictestRefreshTokenPolicy(
  policies: readonly (RefreshTokenPolicy | null)[],
): RefreshTokenPolicy | null {
  const allowing = policies.filter((policy) => policy !== null);
  if (allowing.length === 0 || allowing.length < policies.length) return null;
  return {
    idleTtlSeconds: Math.min(...allowing.map((policy) => policy.idleTtlSeconds)),
    absoluteTtlSeconds: Math.min(...allowing.map((policy) => policy.absoluteTtlSeconds)),
  };
}
