import type { Principal, RejectionCode } from '@countersign/contracts';

/**
 * How an acceptance was known: by a signature that was verified here, by asking now, or by what was
 * answered before and still holds.
 */
export type VerifiedSource = 'local' | 'introspection' | 'cache';

/** The credential is good, here, now and for this. */
export interface AcceptedCredential {
  readonly ok: true;
  /** Frozen, all the way down; the same object may be given again. */
  readonly principal: Principal;
  readonly source: VerifiedSource;
  /** To be sent as `DPoP-Nonce` with the answer, where it is there. @see RFC 9449 §8.2 */
  readonly dpopNonce?: string | undefined;
}

/**
 * Why a credential was turned away: for logs and metrics, never for whoever sent it. Besides the
 * service's own codes:
 * - `no_credential`: the request bears none;
 * - `invalid_request`: it bears two, or one that is garbled;
 * - `inactive`: the service says that it is not good, and does not say why (RFC 7662 §2.2);
 * - `credential_changed`: it was narrowed or suspended, and under this policy nobody is asked what it
 *   may still do;
 * - `invalid_dpop_proof`, `use_dpop_nonce`: RFC 9449 §7.1, §8.
 */
export type RefusalCode =
  | RejectionCode
  | 'no_credential'
  | 'invalid_request'
  | 'inactive'
  | 'credential_changed'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce';

/** What whoever sent the credential may be told. @see RFC 6750 §3.1, RFC 9449 §7.1, §8 */
export type ChallengeError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce';

/** The credential is not good for this, and that is certain. */
export interface RefusedCredential {
  readonly ok: false;
  readonly status: 400 | 401 | 403;
  readonly code: RefusalCode;
  /** Undefined when no credential was presented. */
  readonly error: ChallengeError | undefined;
  /** Value of `WWW-Authenticate`. */
  readonly challenge: string;
  /** To be sent as `DPoP-Nonce` with the answer, where it is there. @see RFC 9449 §8 */
  readonly dpopNonce?: string | undefined;
}

/**
 * Why nothing can be said:
 * - `stale`: what was revoked lately is not known, or not of the token's organization, and the policy
 *   is to refuse then;
 * - `keys`: the issuer's keys cannot be had; or the token's is not among them, and may have been published
 *   a moment ago, and the policy is not to ask;
 * - `introspection`: the service could not be asked, or answered too late or with an error;
 * - `overloaded`: too many questions wait already;
 * - `misconfigured`: the service refuses this backend's own credential;
 * - `dpop`: more DPoP proofs than can be remembered;
 * - `closed`: the verifier was closed.
 */
export type UnavailableReason =
  | 'stale'
  | 'keys'
  | 'introspection'
  | 'overloaded'
  | 'misconfigured'
  | 'dpop'
  | 'closed';

/** Whether the credential is good cannot be told now: neither let in nor call it invalid. */
export interface UnknownCredential {
  readonly ok: false;
  readonly status: 503;
  readonly code: 'unavailable';
  readonly reason: UnavailableReason;
  /** Value of `Retry-After`, in whole seconds. */
  readonly retryAfterSeconds: number;
}

export type VerifyResult = AcceptedCredential | RefusedCredential | UnknownCredential;
