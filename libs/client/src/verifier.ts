import type { StalenessPolicy } from './verifier-options.js';
import type { VerifiableRequest, VerifyOptions } from './verify-input.js';
import type { RefusedCredential, VerifyResult } from './verify-result.js';

/** How current the knowledge of what was revoked is. */
export interface Staleness {
  /**
   * Milliseconds: nothing that was confirmed as revoked longer ago than this is missing. Infinity
   * before the first synchronisation, and without a credential.
   */
  readonly ageMs: number;
  readonly limitMs: number;
  /** Whether the age is within the limit. */
  readonly fresh: boolean;
  readonly policy: StalenessPolicy;
  /** Entries of the feed that are known. */
  readonly entries: number;
  /**
   * The only one of which the feed tells, because the backend's own credential is limited to it: a token
   * that names another is never accepted on the feed's word. Null: every one; undefined: nothing yet.
   */
  readonly organization: string | null | undefined;
}

export interface Verifier {
  /**
   * Who the credential stands for, if it is good for this use: present → recognise → verify →
   * principal → decide, as the service does it. Never rejects for anything that a request bears.
   *
   * @param credentialOrRequest the credential as text, or the request that bears it
   */
  verify(
    credentialOrRequest: string | VerifiableRequest,
    options?: VerifyOptions,
  ): Promise<VerifyResult>;
  /**
   * The refusal of a credential that was accepted, but lacks a scope: for who asks for more than what
   * was verified, later on in the same request.
   *
   * @param scopes that are needed
   * @param scheme that the credential came with. Default: `Bearer`
   * @see RFC 6750 §3.1, RFC 9449 §7.1
   */
  insufficientScope(scopes: readonly string[], scheme?: 'Bearer' | 'DPoP'): RefusedCredential;
  staleness(): Staleness;
  /**
   * Resolves once the keys are there and, with a credential, the revocations are known: before that,
   * answers take longer, or are 503. Tries for as long as it takes, and keeps the process alive meanwhile.
   *
   * @throws {unknown} the signal's reason, when it aborts
   * @throws {VerifierClosed} when the verifier is closed
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** Ends the stream and what is under way. From now on every answer is 503. */
  close(): Promise<void>;
}
