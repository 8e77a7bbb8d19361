import type { Subject } from './credential.js';

/** ms, on the test bed's monotonic clock: just before the request was sent, and when its answer was there. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a local verifier does with what it cannot tell by itself. */
export type StalenessPolicy = 'introspect' | 'refuse' | 'continue';

/** The endpoints that say whether a credential is good; `token` does so by exchanging it. */
export type HttpRoad = 'introspect' | 'whoami' | 'verify' | 'forward-auth' | 'token';

/** Who was asked. A local verifier follows the feed of `replica`, and asks it what it cannot tell. */
export type Asked =
  | { readonly road: HttpRoad; readonly replica: number }
  | { readonly road: 'local'; readonly replica: number; readonly policy: StalenessPolicy };

/** A use of a credential. */
export interface Ask extends Interval {
  readonly asked: Asked;
  readonly credential: string;
  /** `unavailable`: 503, no answer, or a connection that broke: neither yes nor no. */
  readonly outcome: 'accepted' | 'refused' | 'unavailable';
  /** What it may do by the answer; absent where the answer does not tell. */
  readonly scopes?: readonly string[];
  /** The answer, in a word or two. */
  readonly detail: string;
  /** Whether it was asked when every fault was over and the service had recovered. */
  readonly final: boolean;
}

/** A change that takes something away. */
export interface Taking extends Interval {
  /** For whoever reads a violation: `revoke-key k1 at replica 2`. */
  readonly what: string;
  readonly replica: number;
  /** Every credential whose life hangs on it loses… */
  readonly from: Subject;
  /** …these scopes, or everything. */
  readonly scopes: readonly string[] | 'all';
  /**
   * `confirmed`: no replica honours it any more; `unconfirmed`: it holds, at the latest after
   * `boundMs`; `failed`: it did not happen; `unknown`: nobody can tell.
   */
  readonly outcome: 'confirmed' | 'unconfirmed' | 'failed' | 'unknown';
  /** Whether it asked not to be kept waiting for the confirmation. */
  readonly impatient: boolean;
  /** Milliseconds, after the answer. */
  readonly boundMs?: number;
  /** When it begins to hold, where that is later than the answer: the end of a rotation's grace. */
  readonly effectiveAtMs?: number;
  readonly detail: string;
}

/** A stretch of time in which something was broken on purpose, or the machine stood still. */
export interface FaultWindow extends Interval {
  readonly what: string;
  /** Whose answers may be missing on account of it. */
  readonly replicas: readonly number[];
  /** Replicas whose local verifiers may be without an answer. */
  readonly verifiersOf: readonly number[];
  /** Nobody broke anything: the machine had no time for them. */
  readonly isSlowness: boolean;
}
