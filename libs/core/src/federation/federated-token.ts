import type { Confirmation } from '@countersign/contracts';

/** What counts of a trusted issuer's token once its signature held. Times are NumericDate. */
export interface FederatedToken {
  readonly issuer: string;
  /** `jti`, or a digest of what was signed when there is none. */
  readonly id: string;
  /** `jti` of the token; undefined: it has none. */
  readonly jti: string | undefined;
  /**
   * What the token is revoked by: another issuer's `jti` may be spelled like one of ours, or of a
   * third one, and must not take those along.
   */
  readonly revocationId: string;
  readonly iat: number;
  readonly nbf: number | undefined;
  readonly exp: number;
  /** How long after `exp` it still passes. */
  readonly expiryLeewaySeconds: number;
  /** What it is good for here; empty: no restriction. */
  readonly audiences: readonly string[];
  /** The keys that its issuer has bound it to; undefined: to none. */
  readonly cnf: Confirmation | undefined;
  /** Mapped from its claims, within the issuer's ceiling. */
  readonly scopes: readonly string[];
}
