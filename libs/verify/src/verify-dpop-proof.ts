import { hash, type KeyObject } from 'node:crypto';
import { algorithmsOf, type PublicJwk, publicJwk } from '@countersign/contracts';
import { calculateJwkThumbprint, compactVerify, errors } from 'jose';
import { decodeBase64url } from './decode-base64url.js';
import { hasDuplicateMembers } from './has-duplicate-members.js';
import { importPublicJwk } from './import-public-jwk.js';
import { normaliseHtu } from './normalise-htu.js';
import { TOKEN_MAX_CHARS } from './parse-compact-jws.js';
import { parseJsonObject } from './parse-json-object.js';
import { UnusableKey } from './unusable-key.js';

/** The request that a proof has to be made for. */
export interface DpopRequest {
  /** The `DPoP` header as it was received; several, or several joined by a comma, are refused. */
  readonly proof: string | readonly string[] | undefined;
  readonly method: string;
  /** Absolute; query and fragment do not count. */
  readonly url: string;
  /** The token that is presented with the proof. Absent: at the token endpoint. */
  readonly accessToken?: string | undefined;
}

/** What decides whether a proof is recent. */
export interface DpopTimeliness {
  /** NumericDate. */
  readonly nowSeconds: number;
  /** How long ago `iat` may be. Default 60. */
  readonly maxAgeSeconds?: number | undefined;
  /** How far `iat` may be ahead. Default 5. */
  readonly clockToleranceSeconds?: number | undefined;
  /**
   * Whether a nonce is one that this server gave out and still takes. Given, each proof needs such a
   * nonce, and it tells the time in the place of `iat`: the client's clock does not matter.
   */
  readonly isNonceValid?: ((nonce: string) => boolean) | undefined;
}

/** A proof that holds for the request. It says nothing about whether it was used before. */
export interface VerifiedDpopProof {
  readonly ok: true;
  /** RFC 7638 thumbprint of the key that signed it, SHA-256, base64url. */
  readonly jkt: string;
  /** Unique among the proofs of this key: remember it for as long as the proof is good. */
  readonly jti: string;
  readonly nonce: string | undefined;
  /** NumericDate, by the client's clock. */
  readonly issuedAt: number;
}

/** What is wrong, as the sender may be told. @see RFC 9449 §7.1, §8 for the codes */
export interface DpopRefusal {
  readonly ok: false;
  readonly code: 'invalid_dpop_proof' | 'use_dpop_nonce';
  readonly detail: string;
}

const JTI_MAX_CHARS = 256;

/**
 * Verifies a DPoP proof for one request. What costs no cryptography is checked first. That the token
 * is bound to the key of the proof is `checkBinding`'s to say, and that the proof was not used
 * before is the caller's, by `jkt` and `jti`.
 * @see RFC 9449 §4.3; the numbers below are those of its list
 */
export async function verifyDpopProof(
  request: DpopRequest,
  timeliness: DpopTimeliness,
): Promise<VerifiedDpopProof | DpopRefusal> {
  const { proof } = request;
  if (proof === undefined) return invalid('the DPoP header is missing');
  // 1: a compact JWS has no comma, so that one can only come from a header that was repeated.
  if (typeof proof !== 'string' || proof.includes(',')) {
    return invalid('the DPoP header was sent more than once');
  }
  const jwt = readJwt(proof);
  if (jwt === null) return invalid('the proof is not a JWT');
  const { header, claims } = jwt;
  if (header['typ'] !== 'dpop+jwt') return invalid('typ must be dpop+jwt');
  const jwk = publicJwk.safeParse(header['jwk']);
  if (!jwk.success) return invalid('jwk must be a public key of a supported type');
  const algorithms: readonly unknown[] = algorithmsOf(jwk.data);
  if (!algorithms.includes(header['alg'])) return invalid('alg must be one for this key');

  const { jti, htm, htu, iat, nonce, ath } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_MAX_CHARS) {
    return invalid('jti must be a string of at most 256 characters');
  }
  if (!Number.isFinite(iat)) return invalid('iat must be a NumericDate');
  if (htm !== request.method) return invalid('htm is not the method of the request');
  if (typeof htu !== 'string' || !isSameUrl(htu, request.url)) {
    return invalid('htu is not the URL of the request');
  }
  const untimely = checkTimeliness(nonce, iat as number, timeliness);
  if (untimely !== null) return untimely;
  const { accessToken } = request;
  if (accessToken !== undefined && ath !== hash('sha256', accessToken, 'base64url')) {
    return invalid('ath is not the hash of the access token');
  }
  const key = await signingKeyOf(proof, jwk.data);
  if (key === null) return invalid('the signature does not hold');
  return {
    ok: true,
    jkt: await calculateJwkThumbprint(key, 'sha256'),
    jti,
    nonce: typeof nonce === 'string' ? nonce : undefined,
    issuedAt: iat as number,
  };
}

function invalid(detail: string): DpopRefusal {
  return { ok: false, code: 'invalid_dpop_proof', detail };
}

/** 2: a JWS in compact serialization, whose header names nothing twice. */
function readJwt(proof: string) {
  if (proof.length > TOKEN_MAX_CHARS) return null;
  const [encodedHeader = '', encodedClaims = '', signature, ...more] = proof.split('.');
  if (signature === undefined || more.length > 0) return null;
  const [header, claims] = [readObject(encodedHeader), readObject(encodedClaims)];
  return header && claims && { header, claims };
}

function readObject(encoded: string): Readonly<Record<string, unknown>> | null {
  const octets = decodeBase64url(encoded);
  const json = octets && parseJsonObject(octets);
  return json && !hasDuplicateMembers(json) ? json.members : null;
}

function isSameUrl(htu: string, url: string): boolean {
  const normalised = normaliseHtu(htu);
  return normalised !== null && normalised === normaliseHtu(url);
}

/** 10 and 11 */
function checkTimeliness(
  nonce: unknown,
  iat: number,
  { nowSeconds, maxAgeSeconds = 60, clockToleranceSeconds = 5, isNonceValid }: DpopTimeliness,
): DpopRefusal | null {
  if (isNonceValid !== undefined) {
    if (typeof nonce === 'string' && isNonceValid(nonce)) return null;
    return { ok: false, code: 'use_dpop_nonce', detail: 'the proof needs the nonce in DPoP-Nonce' };
  }
  // Put so that a clock which returns NaN lets nothing through.
  if (iat <= nowSeconds + clockToleranceSeconds && iat >= nowSeconds - maxAgeSeconds) return null;
  return invalid('iat is too far from now');
}

/** 6: the key, as it was imported: of a JWK there are several spellings. */
async function signingKeyOf(proof: string, jwk: PublicJwk): Promise<KeyObject | null> {
  try {
    const key = importPublicJwk(jwk);
    await compactVerify(proof, key, { algorithms: [...algorithmsOf(jwk)] });
    return key;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof UnusableKey) return null;
    throw error;
  }
}
