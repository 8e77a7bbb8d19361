import { createHash } from 'node:crypto';
import type { Confirmation } from '@countersign/contracts';
import { type CompactJws, readConfirmation, type TokenTimes } from '@countersign/verify';
import { claimAt } from './claim-at.js';
import type { TrustedIssuerPolicy } from './trusted-issuer-policy.js';

/** The registered claims of another issuer's token that count here. */
export interface FederatedClaims extends TokenTimes {
  readonly id: string;
  readonly jti: string | undefined;
  /** Whom the token is for; without those that the issuer is not trusted for. */
  readonly audiences: readonly string[];
  /** The keys that it is bound to. @see RFC 7800 §3.1 */
  readonly cnf: Confirmation | undefined;
}

const JTI_MAX_CHARS = 255;
const VISIBLE = /^[\x21-\x7E]+$/;
// The last day of the year 9999: Postgres and Date hold it, with any leeway.
const LATEST_NUMERIC_DATE = 253_402_214_400;

/**
 * Reads the registered claims; null when one is not of its type. `exp` and `iat` must be there: a
 * token without an end is no short-lived credential. A `jti` that could not stand in a log or an id
 * is passed over, as if there were none. A `cnf` that says how it is bound in a way that cannot be checked
 * here is not: the token would be unbound.
 * @see RFC 7519 §4.1, RFC 9068 §2.2, RFC 7800 §3.1
 */
export function readFederatedClaims(
  { payload, signingInput }: CompactJws<string>,
  policy: TrustedIssuerPolicy,
): FederatedClaims | null {
  const { iat, nbf, exp, jti, cnf } = payload;
  if (!isNumericDate(iat) || !isNumericDate(exp)) return null;
  if (nbf !== undefined && !isNumericDate(nbf)) return null;
  const confirmation = cnf === undefined ? undefined : readConfirmation(cnf);
  if (confirmation === null) return null;
  const audience = claimAt(payload, policy.audienceClaim);
  if (!isAudience(audience)) return null;
  const named = typeof audience === 'string' ? [audience] : audience;
  const usableJti = isUsableId(jti) ? jti : undefined;
  return {
    id: usableJti ?? createHash('sha256').update(signingInput).digest('base64url'),
    jti: usableJti,
    iat,
    nbf,
    exp,
    audiences: [...new Set(named)].filter((one) => policy.audiences.includes(one)).sort(),
    cnf: confirmation,
  };
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LATEST_NUMERIC_DATE;
}

/** @see RFC 7519 §4.1.3 */
function isAudience(value: unknown): value is string | string[] {
  if (typeof value === 'string') return true;
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isUsableId(jti: unknown): jti is string {
  return typeof jti === 'string' && jti.length <= JTI_MAX_CHARS && VISIBLE.test(jti);
}
