/**
 * Algorithms that another issuer's tokens may be signed with: asymmetric ones only. `EdDSA` is what
 * `Ed25519` was called before RFC 9864.
 * @see RFC 7518 §3.1, RFC 8037 §3.1, RFC 8725 §3.1
 */
export const FEDERATED_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type FederatedAlgorithm = (typeof FEDERATED_ALGORITHMS)[number];
