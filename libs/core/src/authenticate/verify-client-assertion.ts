import {
  algorithmsOf,
  CLIENT_ASSERTION_MAX_SECONDS,
  identifier,
  type PrivateKeyJwt,
  type PublicJwk,
  type RejectionCode,
} from '@countersign/contracts';
import { importPublicJwk, type Rejection, rejected, TOKEN_MAX_CHARS } from '@countersign/verify';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { ClientIds } from '../keys/client-ids.js';
import { versionIdWithoutSecret } from '../keys/version-id-without-secret.js';
import type { KeyState } from '../state/key-state.js';
import type { KeyStates } from '../state/key-states.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';
import { rootStanding } from './root-standing.js';

/**
 * Marks a client's `jti` as used, everywhere and for good until `expiresAt`.
 * @returns whether it was unused until now
 * @throws {DependencyUnavailable}
 */
export type UseClientAssertion = (
  clientId: string,
  jti: string,
  expiresAt: Date,
) => Promise<boolean>;

export interface ClientAssertionVerifierParts {
  /** The one `aud` that is taken. */
  readonly issuer: string;
  readonly clientIds: ClientIds;
  readonly states: KeyStates;
  readonly use: UseClientAssertion;
}

const CLOCK_TOLERANCE_SECONDS = 5;
const JTI_MAX_CHARS = 256;
// Any other type is a JWT that was made for something else: RFC 8725 §3.11.
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'client-authentication+jwt']);
const keyIds = identifier('apiKey');

/**
 * Verifies client assertions: JWTs by which the holder of a key without a secret says who it is.
 * Each is good for one use. What comes out is the same as for a key with a secret.
 * @see RFC 7523 §3, OpenID Connect Core §9 (`private_key_jwt`)
 */
export class ClientAssertionVerifier {
  readonly #parts: ClientAssertionVerifierParts;

  constructor(parts: ClientAssertionVerifierParts) {
    this.#parts = parts;
  }

  /**
   * @param clientId the `client_id` parameter: if sent, it must be the assertion's (RFC 7521 §4.2)
   * @throws {DependencyUnavailable} it cannot be told now, or not be marked as used
   */
  async verify(
    assertion: string,
    clientId: string | undefined,
    nowMs: number,
  ): Promise<VerifiedApiKey | Rejection> {
    const keyId = readClientId(assertion);
    if (keyId === undefined) return rejected('malformed_token');
    if (clientId !== undefined && clientId !== keyId) return rejected('wrong_issuer');
    const { states, clientIds } = this.#parts;
    // Anybody can send an assertion for any id: only what was issued is worth a look-up.
    if (!clientIds.isOurs(keyId)) return rejected('bad_tag');
    let verifiedBy: KeyState | undefined;
    let isUsed = false;
    for (;;) {
      const found = await states.find(versionIdWithoutSecret(keyId));
      if (found === null) return rejected('unknown_credential');
      const { slot, state } = found;
      if (
        state.kind !== 'api_key' ||
        state.keyId !== keyId ||
        state.authentication?.method !== 'private_key_jwt'
      ) {
        return rejected('unknown_credential');
      }
      if (state === verifiedBy) {
        states.touch(slot, nowMs);
        return slot.verified(state);
      }
      const standing = rootStanding(state, nowMs);
      if (!standing.ok) return standing;
      const claims = await this.#verifyClaims(assertion, keyId, state.authentication, nowMs);
      if (!claims.ok) return claims;
      // Last, so that nobody but the client can use one up.
      isUsed ||= await this.#parts.use(keyId, claims.jti, claims.goodUntil);
      if (!isUsed) return rejected('replayed');
      // That took its time: the state is read again, so that what happened meanwhile counts.
      verifiedBy = state;
    }
  }

  async #verifyClaims(
    assertion: string,
    keyId: string,
    authentication: PrivateKeyJwt,
    nowMs: number,
  ) {
    const { kid, typ } = decodeProtectedHeader(assertion);
    if (!TYPES.has(typ)) return rejected('wrong_type');
    const jwk = keyFor(kid, authentication);
    if (jwk === undefined) return rejected('unknown_signing_key');
    try {
      const { payload } = await jwtVerify(assertion, importPublicJwk(jwk), {
        algorithms: [...algorithmsOf(jwk)],
        issuer: keyId,
        subject: keyId,
        audience: this.#parts.issuer,
        requiredClaims: ['exp', 'jti'],
        currentDate: new Date(nowMs),
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return checkClaims(payload, nowMs / 1000);
    } catch (error) {
      if (error instanceof errors.JOSEError) return rejected(codeOf(error));
      throw error;
    }
  }
}

/** Who an assertion claims to be of; undefined when it is none. Nothing is verified yet. */
function readClientId(assertion: string): string | undefined {
  if (assertion.length > TOKEN_MAX_CHARS) return undefined;
  try {
    decodeProtectedHeader(assertion);
    return keyIds.safeParse(decodeJwt(assertion).sub).data;
  } catch {
    return undefined;
  }
}

/** The registered key that is meant; a `kid` may be left out where there is only one. */
function keyFor(kid: unknown, { jwks: { keys } }: PrivateKeyJwt): PublicJwk | undefined {
  const [only, ...more] = keys;
  if (more.length === 0 && (kid === undefined || only?.kid === undefined)) return only;
  return keys.find((jwk) => jwk.kid === kid);
}

/** What jose does not check. */
function checkClaims({ aud, iat, exp = 0, jti }: JWTPayload, nowSeconds: number) {
  // A list could name another server too, which would then hold an assertion that is good here.
  if (typeof aud !== 'string') return rejected('wrong_audience');
  const latest = nowSeconds + CLOCK_TOLERANCE_SECONDS;
  if (iat !== undefined && !(iat <= latest)) return rejected('not_yet_valid');
  if (!(exp <= latest + CLIENT_ASSERTION_MAX_SECONDS)) return rejected('malformed_claims');
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_MAX_CHARS) {
    return rejected('malformed_claims');
  }
  return { ok: true, jti, goodUntil: new Date((exp + CLOCK_TOLERANCE_SECONDS) * 1000) } as const;
}

function codeOf(error: errors.JOSEError): RejectionCode {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad_signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'unsupported_algorithm';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed_token';
  const { claim, reason } = error;
  if (reason === 'missing' || reason === 'invalid') return 'malformed_claims';
  if (claim === 'aud') return 'wrong_audience';
  if (claim === 'nbf') return 'not_yet_valid';
  return 'wrong_issuer';
}
