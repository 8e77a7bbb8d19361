/** Token of core's `MintApiKey`: makes the secret of a key. */
export const API_KEY_MINTER = Symbol('API_KEY_MINTER');

/** Token of core's `ClientIds`: makes the ids of keys without a secret. */
export const CLIENT_IDS = Symbol('CLIENT_IDS');

/** Token of core's `GenerateSigningKey`: makes and seals a key pair. */
export const SIGNING_KEY_FACTORY = Symbol('SIGNING_KEY_FACTORY');

/** Token of a `SigningKeyPolicy`. */
export const SIGNING_KEY_POLICY = Symbol('SIGNING_KEY_POLICY');

/** What the lifecycle of signing keys must know of how tokens are issued and keys published. */
export interface SigningKeyPolicy {
  /** `max-age` of the published JWKS: how long a verifier may not know a new key. */
  readonly jwksMaxAgeSeconds: number;
  /** Lifetime of a token that is not for any resource server. */
  readonly defaultAccessTokenTtlSeconds: number;
}
