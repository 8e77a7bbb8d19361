/**
 * Algorithms that Countersign signs with. RS256 comes first: every stock verifier takes it.
 * `Ed25519` is the fully-specified name that replaces `EdDSA` (RFC 9864 §2.2).
 */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256', 'Ed25519'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** `typ` of an access token: RFC 9068's, or plain `JWT` for verifiers that know nothing else. */
export const TOKEN_TYPES = ['at+jwt', 'JWT'] as const;
export type TokenTyp = (typeof TOKEN_TYPES)[number];
