// `k` is a symmetric key (RFC 7518 §6.4.1).
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

/**
 * Whether a JWK tells more than a public key: one whose private half is published is anybody's key.
 * @see RFC 7518 §6.2.2, §6.3.2
 */
export function hasPrivateMember(jwk: object): boolean {
  return PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name));
}
