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

/** Token of a `TrustedIssuerPolicy`. */
export const TRUSTED_ISSUER_POLICY = Symbol('TRUSTED_ISSUER_POLICY');

/** What the configuration allows of trusted issuers. */
export interface TrustedIssuerPolicy {
  /** Of this service: nobody outside speaks for it. */
  readonly ownIssuer: string;
  /** What is wrong with a URL of an issuer or its keys; null: nothing. No I/O. */
  problemWithUrl(url: string): string | null;
  /** Why keys would never be fetched from the address in a URL; null: they may be, as far as it tells. No I/O. */
  problemWithAddress(url: string): string | null;
}
