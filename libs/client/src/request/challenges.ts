import { CLIENT_SIGNING_ALGORITHMS } from '@countersign/contracts';
import type { ChallengeError, RefusalCode, RefusedCredential } from '../verify-result.js';

const QUOTABLE = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * Makes the refusals of one verifier, with the challenge of each: made once, since turning away must
 * cost nothing.
 */
export class Challenges {
  readonly #bearer: string;
  readonly #dpop: string | undefined;
  readonly #refusals = new Map<string, RefusedCredential>();

  /**
   * @param realm printable ASCII without `"` and `\`
   * @throws {TypeError} for any other realm
   */
  constructor(realm: string, takesDpop: boolean) {
    if (!QUOTABLE.test(realm)) {
      throw new TypeError('realm must be printable ASCII without quotes and backslashes');
    }
    this.#bearer = `Bearer realm="${realm}"`;
    this.#dpop = takesDpop
      ? `DPoP realm="${realm}", algs="${CLIENT_SIGNING_ALGORITHMS.join(' ')}"`
      : undefined;
  }

  /** The refusal for this reason of what came with this scheme. @see RFC 6750 §3, §3.1 */
  refused(code: RefusalCode, scheme: 'Bearer' | 'DPoP' = 'Bearer'): RefusedCredential {
    const name = `${scheme} ${code}`;
    let refusal = this.#refusals.get(name);
    if (refusal === undefined) {
      const error = errorOf(code);
      const status = error === 'invalid_request' ? 400 : 401;
      const challenge = this.#challenge(scheme, error);
      refusal = Object.freeze({ ok: false, status, code, error, challenge });
      this.#refusals.set(name, refusal);
    }
    return refusal;
  }

  /** The refusal of a proof: it brings the nonce that the next one has to bear. @see RFC 9449 §7.1, §9 */
  proofRefused(
    code: 'invalid_dpop_proof' | 'use_dpop_nonce',
    dpopNonce: string | undefined,
  ): RefusedCredential {
    return { ...this.refused(code, 'DPoP'), ...(dpopNonce !== undefined && { dpopNonce }) };
  }

  /** The refusal of a credential that is good, but not for this. @see RFC 6750 §3.1 */
  insufficientScope(needed: string, scheme: 'Bearer' | 'DPoP'): RefusedCredential {
    const challenge = `${this.#challenge(scheme, 'insufficient_scope')}, scope="${needed}"`;
    return {
      ok: false,
      status: 403,
      code: 'insufficient_scope',
      error: 'insufficient_scope',
      challenge,
    };
  }

  #challenge(scheme: 'Bearer' | 'DPoP', error: ChallengeError | undefined): string {
    const suffix = error === undefined ? '' : `, error="${error}"`;
    if (this.#dpop === undefined) return this.#bearer + suffix;
    if (scheme === 'DPoP') return this.#dpop + suffix;
    // Who presents nothing learns of both; the error belongs to the scheme that was used.
    return error === undefined ? `${this.#bearer}, ${this.#dpop}` : this.#bearer + suffix;
  }
}

function errorOf(code: RefusalCode): ChallengeError | undefined {
  switch (code) {
    case 'no_credential':
      return undefined;
    case 'invalid_request':
    case 'insufficient_scope':
    case 'invalid_dpop_proof':
    case 'use_dpop_nonce':
      return code;
    default:
      return 'invalid_token';
  }
}
