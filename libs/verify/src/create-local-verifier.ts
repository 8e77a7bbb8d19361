import {
  type AccessTokenClaims,
  type Principal,
  TOKEN_TYPES,
  type TokenTyp,
} from '@countersign/contracts';
import type { PresentedBinding } from './check-binding.js';
import type { RequestContext } from './check-restrictions.js';
import { checkToken } from './check-token.js';
import type { Fetch } from './fetch-document.js';
import { keySetFromJwks } from './key-set.js';
import type { KeySetTimes } from './key-set-times.js';
import { parseCompactJws } from './parse-compact-jws.js';
import type { AllowInsecureHttp } from './parse-secure-url.js';
import { principalFromClaims } from './principal-from-claims.js';
import { type Rejection, rejected } from './rejection.js';
import { RemoteKeySet } from './remote-key-set.js';
import { verifySignature } from './verify-signature.js';

export interface LocalVerifierOptions {
  /** Countersign's issuer, compared exactly with `iss`. */
  readonly issuer: string;
  /** This service's audience URI, or several: a token must be for one of them. */
  readonly audience: string | readonly string[];
  /** Where the keys are. Default: what the issuer's metadata says (RFC 8414). */
  readonly jwksUri?: string | undefined;
  /** Values of `typ` to accept. Default: `at+jwt` only (RFC 9068 §4). */
  readonly types?: readonly TokenTyp[] | undefined;
  /** How far the issuer's clock may be from ours, either way. Default 5. */
  readonly clockToleranceSeconds?: number | undefined;
  /** The time as NumericDate. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
  /** Default false: keys are fetched over https only. */
  readonly allowInsecureHttp?: AllowInsecureHttp | undefined;
  readonly keySetTimes?: Partial<KeySetTimes> | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** A token was accepted: who it stands for, and the claims, frozen. */
export interface AcceptedToken {
  readonly ok: true;
  readonly principal: Principal;
  readonly claims: AccessTokenClaims;
}

export interface LocalVerifier {
  /**
   * Verifies one access token for one request. No I/O but for the keys, and none for a token that
   * can be turned away without them. Does not know about revocation.
   *
   * Rejects as `verifySignature` and `checkToken` do.
   *
   * @param context the request; without it a token with restrictions is not accepted
   * @param binding what was proven about the key that the token is bound to, by `verifyDpopProof`;
   *   without it a bound token is not accepted. `unchecked` only where somebody before has proven it
   * @throws {KeysUnavailable} when the keys cannot be had: answer 503, not 401
   */
  verify(
    token: string,
    context?: RequestContext,
    binding?: PresentedBinding | 'unchecked',
  ): Promise<AcceptedToken | Rejection>;
}

/**
 * Creates the verifier that a backend uses to accept Countersign's access tokens by itself. One for
 * the life of the process: it keeps the keys. Nothing is fetched before the first token.
 *
 * @throws {TypeError} when an option is not usable
 * @see RFC 9068 §4
 */
export function createLocalVerifier(options: LocalVerifierOptions): LocalVerifier {
  const { issuer, now = () => Date.now() / 1000 } = options;
  const { audience, types, clockToleranceSeconds } = readRequirements(options);
  const keySet = new RemoteKeySet({ ...options, times: options.keySetTimes }, keySetFromJwks);

  return {
    async verify(token, context, binding) {
      const jws = parseCompactJws(token);
      if (!jws.ok) return jws;
      let verified = verifySignature(jws, keySet.fresh, issuer);
      const { kid } = jws.header;
      if (verified === rejected('unknown_signing_key') && kid !== null) {
        verified = verifySignature(jws, await keySet.keysFor(kid), issuer);
      }
      if (!verified.ok) return verified;
      // Each by its name: to spread an object takes longer than all the checks.
      const checked = checkToken(verified, {
        audience,
        types,
        clockToleranceSeconds,
        nowSeconds: now(),
        context,
        binding,
      });
      if (!checked.ok) return checked;
      const { claims } = verified;
      return { ok: true, principal: principalFromClaims(claims), claims };
    },
  };
}

/** The options come from a backend's configuration, perhaps from untyped code: checked here. */
function readRequirements({
  issuer,
  audience,
  types = ['at+jwt'],
  clockToleranceSeconds = 5,
}: LocalVerifierOptions) {
  const audiences = typeof audience === 'string' ? [audience] : [...audience];
  if (!isName(issuer)) throw new TypeError('issuer must be a string that is not empty');
  if (audiences.length === 0 || !audiences.every(isName)) {
    throw new TypeError('audience must name at least one audience');
  }
  if (types.length === 0 || !types.every((typ) => TOKEN_TYPES.includes(typ))) {
    throw new TypeError(`types must be some of ${TOKEN_TYPES.join(', ')}`);
  }
  if (!(clockToleranceSeconds >= 0 && Number.isFinite(clockToleranceSeconds))) {
    throw new TypeError('clockToleranceSeconds must be a number, not negative');
  }
  return { audience: audiences, types: [...types], clockToleranceSeconds };
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
