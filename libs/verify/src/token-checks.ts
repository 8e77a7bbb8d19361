import type { TokenTyp } from '@countersign/contracts';
import { ACCEPTED, type Accepted, type Rejection, rejected } from './rejection.js';
import type { VerifiedToken } from './verify-signature.js';

/**
 * The checks of a verified token that depend on when and for what it is used, one by one, for whoever
 * wants to know about each; `checkToken` stops at the first that fails. Each comparison is put so
 * that a clock which returns NaN lets nothing through.
 * @see RFC 9068 §4, RFC 7519 §4.1.3 to §4.1.6, RFC 8725 §3.9, §3.11
 */
export const TOKEN_CHECKS = { type, expiry, notBefore, audience };

/** `typ` is one of those allowed; `application/at+jwt` is allowed by `at+jwt`. */
function type({ typ }: VerifiedToken, types: readonly TokenTyp[]): Accepted | Rejection {
  const isAllowed = (types as readonly (string | null)[]).includes(typ);
  return isAllowed ? ACCEPTED : rejected('wrong_type');
}

/** `exp` is ahead of now (NumericDate), or behind it by less than the tolerance. */
function expiry(
  { claims: { exp } }: VerifiedToken,
  nowSeconds: number,
  toleranceSeconds: number,
): Accepted | Rejection {
  return nowSeconds - toleranceSeconds < exp ? ACCEPTED : rejected('expired');
}

/** Neither `iat` nor `nbf` is ahead of now (NumericDate) by more than the tolerance. */
function notBefore(
  { claims: { iat, nbf } }: VerifiedToken,
  nowSeconds: number,
  toleranceSeconds: number,
): Accepted | Rejection {
  const latestStart = nowSeconds + toleranceSeconds;
  const isTime = iat <= latestStart && (nbf === undefined || nbf <= latestStart);
  return isTime ? ACCEPTED : rejected('not_yet_valid');
}

/** The token is for one of these, compared exactly; `any`: whomever it is for. */
function audience(
  { claims: { aud } }: VerifiedToken,
  ours: readonly string[] | 'any',
): Accepted | Rejection {
  if (ours === 'any') return ACCEPTED;
  const isForUs =
    typeof aud === 'string' ? ours.includes(aud) : aud.some((one) => ours.includes(one));
  return isForUs ? ACCEPTED : rejected('wrong_audience');
}
