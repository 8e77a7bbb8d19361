import type { StatusClaim } from '@countersign/contracts';

/** A token whose status is to be told in a list. */
export interface TokenToRegister {
  readonly jti: string;
  /** Key versions and federated identities that it hangs on: its root, and its actors'. */
  readonly rootIds: readonly string[];
  /** Its claim `derived_from`; none: it came of a key. */
  readonly derivedFrom: readonly string[];
  /** Its claim `pos`. */
  readonly feedPosition: number;
  /** NumericDate. */
  readonly expiresAt: number;
}

/**
 * Gives a token its place in a list.
 * @throws {DependencyUnavailable}
 */
export type RegisterTokenStatus = (token: TokenToRegister) => Promise<StatusClaim>;
