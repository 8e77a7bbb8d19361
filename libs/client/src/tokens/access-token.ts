/** A token as the service issued it. */
export interface AccessToken {
  /** The token itself: a secret. */
  readonly value: string;
  /** `DPoP`: bound to a key, whose proof has to come with it. */
  readonly type: 'Bearer' | 'DPoP';
  /** Of this machine's clock, milliseconds since the epoch. */
  readonly expiresAtMs: number;
  readonly scopes: readonly string[];
}
