import {
  type AccessTokenClaims,
  ENVIRONMENTS,
  type Environment,
  PRINCIPAL_TYPES,
  type PrincipalType,
} from '@countersign/contracts';
import { readActClaim } from './read-act-claim.js';
import { readConfirmation } from './read-confirmation.js';
import { readDerivedFrom } from './read-derived-from.js';
import { readMetadata } from './read-metadata.js';
import { readRestrictions } from './read-restrictions.js';
import { readStatusClaim } from './read-status-claim.js';

const PRINCIPAL_ID = /^prn_[0-9A-HJKMNP-TV-Z]{26}$/;
const CLIENT_ID = /^(?:key|fid)_[0-9A-HJKMNP-TV-Z]{26}$/;
const ROOT_CREDENTIAL =
  /^(?:key_[0-9A-Z]{26}\.[0-9A-Za-z]{16}|tis_[0-9A-Z]{26}\.fid_[0-9A-Z]{26})$/;
const JTI_MAX_CHARS = 64;

/**
 * Reads a JWT payload, as JSON.parse returned it, as the claims of an access token; null when they
 * are not of that shape. Accepts what the schema `accessTokenClaims` accepts and yields what it
 * yields (claims that it does not know are left out), but refuses metadata with a member
 * `__proto__`, which the schema drops. Written out because running the schema takes longer than the
 * rest of the verification but the signature; a test holds the two together.
 *
 * The claims are frozen, all the way down: they may be cached and shared.
 * @see RFC 9068 §2.2, RFC 7519 §4.1
 */
export function readAccessTokenClaims(
  payload: Readonly<Record<string, unknown>>,
): AccessTokenClaims | null {
  const { iss, sub, aud, client_id, iat, exp, jti, name, principal_type, env, cid } = payload;
  if (!isString(iss) || !isString(name) || !isAudience(aud)) return null;
  if (!isNumericDate(iat) || !isNumericDate(exp)) return null;
  if (!isString(sub) || !PRINCIPAL_ID.test(sub)) return null;
  if (!isString(client_id) || !CLIENT_ID.test(client_id)) return null;
  if (!isString(cid) || !ROOT_CREDENTIAL.test(cid)) return null;
  if (!isString(jti) || jti === '' || jti.length > JTI_MAX_CHARS) return null;
  if (!isPrincipalType(principal_type) || !isEnvironment(env)) return null;
  return addOptionalClaims(
    { iss, sub, aud, client_id, iat, exp, jti, name, principal_type, env, cid },
    payload,
  );
}

function addOptionalClaims(
  claims: AccessTokenClaims,
  payload: Readonly<Record<string, unknown>>,
): AccessTokenClaims | null {
  const { nbf, scope, org, roles, meta, pos, restrictions, cnf, act, status } = payload;
  const { derived_from, proven_cnf } = payload;
  if (nbf !== undefined) {
    if (!isNumericDate(nbf)) return null;
    claims.nbf = nbf;
  }
  if (scope !== undefined) {
    if (!isString(scope)) return null;
    claims.scope = scope;
  }
  if (org !== undefined) {
    if (!isString(org)) return null;
    claims.org = org;
  }
  if (roles !== undefined) {
    if (!isStrings(roles)) return null;
    claims.roles = Object.freeze(roles) as string[];
  }
  if (meta !== undefined) {
    const read = readMetadata(meta);
    if (read === null) return null;
    claims.meta = read;
  }
  if (pos !== undefined) {
    if (!isPosition(pos)) return null;
    claims.pos = pos;
  }
  if (restrictions !== undefined) {
    const read = readRestrictions(restrictions);
    if (read === null) return null;
    claims.restrictions = read;
  }
  if (cnf !== undefined) {
    const read = readConfirmation(cnf);
    if (read === null) return null;
    claims.cnf = read;
  }
  if (proven_cnf !== undefined) {
    const read = readConfirmation(proven_cnf);
    if (read === null) return null;
    claims.proven_cnf = read;
  }
  if (derived_from !== undefined) {
    const read = readDerivedFrom(derived_from);
    if (read === null) return null;
    claims.derived_from = read;
  }
  if (act !== undefined) {
    const read = readActClaim(act);
    if (read === null) return null;
    claims.act = read;
  }
  if (status !== undefined) {
    const read = readStatusClaim(status);
    if (read === null) return null;
    claims.status = read;
  }
  Object.freeze(claims.aud);
  return Object.freeze(claims);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString);
}

function isAudience(value: unknown): value is string | string[] {
  return isString(value) || (isStrings(value) && value.length > 0);
}

function isNumericDate(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPrincipalType(value: unknown): value is PrincipalType {
  return (PRINCIPAL_TYPES as readonly unknown[]).includes(value);
}

function isEnvironment(value: unknown): value is Environment {
  return (ENVIRONMENTS as readonly unknown[]).includes(value);
}
