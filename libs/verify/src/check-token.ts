import type { TokenTyp } from '@countersign/contracts';
import { checkBinding, type PresentedBinding } from './check-binding.js';
import { checkRestrictions, type RequestContext } from './check-restrictions.js';
import { ACCEPTED, type Accepted, type Rejection } from './rejection.js';
import { TOKEN_CHECKS } from './token-checks.js';
import type { VerifiedToken } from './verify-signature.js';

/** What a token must satisfy to be used here and now. */
export interface TokenRequirements {
  /** Values of `typ` that are allowed; `application/at+jwt` is allowed by `at+jwt`. */
  readonly types: readonly TokenTyp[];
  /** The token must be for one of these, compared exactly. `any`: the caller decides by itself. */
  readonly audience: readonly string[] | 'any';
  /** NumericDate. */
  readonly nowSeconds: number;
  /** How far the issuer's clock may be from ours, either way. */
  readonly clockToleranceSeconds: number;
  /** How long after `exp` the token still passes; default: the clock tolerance. */
  readonly expiryToleranceSeconds?: number | undefined;
  /**
   * What the token is used for; a restriction on what is absent here is not satisfied. `any`: the
   * caller checks the restrictions by itself.
   */
  readonly context?: RequestContext | 'any' | undefined;
  /**
   * What was proven about the key that the token is bound to; without it a bound token is refused.
   * `unchecked`: the caller checks that by itself.
   */
  readonly binding?: PresentedBinding | 'unchecked' | undefined;
}

/**
 * Checks what about a verified token depends on when, where and for what it is used. Cheap, and to
 * be done at every use, also of a token that was cached.
 *
 * Rejects with `wrong_type`, `expired`, `not_yet_valid` (`nbf`, or `iat` in the future),
 * `wrong_audience`, or as `checkBinding` and `checkRestrictions` do.
 * @see RFC 9068 §4, RFC 7519 §4.1.3 to §4.1.6, RFC 8725 §3.9, §3.11
 */
export function checkToken(
  token: VerifiedToken,
  requirements: TokenRequirements,
): Accepted | Rejection {
  const { types, nowSeconds, clockToleranceSeconds, context } = requirements;
  const { expiryToleranceSeconds = clockToleranceSeconds } = requirements;
  const typed = TOKEN_CHECKS.type(token, types);
  if (!typed.ok) return typed;
  const unexpired = TOKEN_CHECKS.expiry(token, nowSeconds, expiryToleranceSeconds);
  if (!unexpired.ok) return unexpired;
  const begun = TOKEN_CHECKS.notBefore(token, nowSeconds, clockToleranceSeconds);
  if (!begun.ok) return begun;
  const forUs = TOKEN_CHECKS.audience(token, requirements.audience);
  if (!forUs.ok) return forUs;
  const proven = checkBinding(token.claims.cnf, requirements.binding);
  if (!proven.ok) return proven;
  return context === 'any' ? ACCEPTED : checkRestrictions(token.claims.restrictions, context);
}
