import type { AccessTokenClaims } from '@countersign/contracts';
import { isSignatureValid } from './is-signature-valid.js';
import type { KeySet } from './key-set.js';
import { type CompactJws, parseCompactJws } from './parse-compact-jws.js';
import { readAccessTokenClaims } from './read-access-token-claims.js';
import { type Rejection, rejected } from './rejection.js';
import { typWithoutPrefix } from './typ-without-prefix.js';

/** Only this module constructs one: to hold it is to know that the signature was verified. */
class SignatureVerifiedToken {
  readonly ok = true;
  declare private readonly brand: never;

  constructor(
    /** Frozen, all the way down. */
    readonly claims: AccessTokenClaims,
    /** `typ` of the header, without the prefix `application/`; null when absent. */
    readonly typ: string | null,
    /** Of the key that signed it. */
    readonly kid: string,
  ) {
    Object.freeze(this);
  }
}

/**
 * An access token that one of our keys signed, with claims of the right shape and the expected
 * issuer. Immutable, and true forever: it may be cached. It says nothing about whether the token
 * may be used now; that is `checkToken`'s to say, at every use.
 */
export type VerifiedToken = SignatureVerifiedToken;

/**
 * Verifies what about an access token does not change with time: its form, its issuer, its signature
 * and the shape of its claims. All that can be told without cryptography is told first. No I/O.
 *
 * Rejects as `parseCompactJws` does, then with `wrong_issuer`, `unknown_signing_key`,
 * `unsupported_algorithm` (not the algorithm that the key is bound to), `bad_signature`,
 * `malformed_claims`.
 *
 * @param token the token, or what `parseCompactJws` made of it
 * @param issuer compared exactly with `iss`
 * @see RFC 7519 §7.2, RFC 9068 §4, RFC 8725 §3.1
 */
export function verifySignature(
  token: string | CompactJws,
  keys: KeySet,
  issuer: string,
): VerifiedToken | Rejection {
  const jws = typeof token === 'string' ? parseCompactJws(token) : token;
  if (!jws.ok) return jws;
  const { header, payload } = jws;
  if (payload['iss'] !== issuer) return rejected('wrong_issuer');
  const key = header.kid === null ? undefined : keys.get(header.kid);
  if (key === undefined) return rejected('unknown_signing_key');
  if (key.alg !== header.alg) return rejected('unsupported_algorithm');
  if (!isSignatureValid(key, jws.signingInput, jws.signature)) return rejected('bad_signature');
  const claims = readAccessTokenClaims(payload);
  if (claims === null) return rejected('malformed_claims');
  return new SignatureVerifiedToken(claims, typWithoutPrefix(header.typ), key.kid);
}
