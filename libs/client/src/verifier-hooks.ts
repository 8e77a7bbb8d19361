import type { RefusalCode, UnavailableReason, VerifiedSource } from './verify-result.js';

/** One use of a credential was decided. */
export interface VerifiedEvent {
  readonly outcome: 'accepted' | 'refused' | 'unavailable';
  /** Accepted: how it was known. */
  readonly source?: VerifiedSource;
  /** Refused: why, for the operator only. */
  readonly code?: RefusalCode;
  /** Unavailable: why. */
  readonly reason?: UnavailableReason;
}

/** The service was asked about a credential. */
export interface IntrospectedEvent {
  readonly outcome: 'active' | 'inactive' | 'failed';
  /** Milliseconds from the first attempt to the answer, waiting in the queue included. */
  readonly durationMs: number;
  /** Failed: why. */
  readonly reason?: UnavailableReason;
}

/** Something happened to the stream of revocations. */
export type FeedEvent =
  | { readonly type: 'loaded'; readonly entries: number; readonly durationMs: number }
  | { readonly type: 'connected' }
  /** `reason` is for a log; it names neither a credential nor an entry's id. */
  | { readonly type: 'disconnected'; readonly reason: string; readonly retryInMs: number }
  /** The service was restored from a backup: everything known was forgotten and is loaded anew. */
  | { readonly type: 'reset' };

/** Nobody but the operator of this backend can mend it. */
export interface MisconfiguredEvent {
  readonly what: 'introspection' | 'revocations';
  /** What the service answered: 401, the credential is not good; 403, it lacks a scope. */
  readonly status: number;
  /** What to do about it. */
  readonly message: string;
}

/**
 * For metrics and logs. None is ever given a credential, a key, or anything that was in a token; what
 * one throws is ignored. They are called in the way of requests: do little.
 */
export interface VerifierHooks {
  readonly onVerified?: ((event: VerifiedEvent) => void) | undefined;
  readonly onIntrospected?: ((event: IntrospectedEvent) => void) | undefined;
  readonly onFeed?: ((event: FeedEvent) => void) | undefined;
  /** Default: a warning of the process, at most one a minute for each `what`. */
  readonly onMisconfigured?: ((event: MisconfiguredEvent) => void) | undefined;
}
