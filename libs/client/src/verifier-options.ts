import type { TokenTyp } from '@countersign/contracts';
import type { AllowInsecureHttp, Fetch, KeySetTimes } from '@countersign/verify';
import type { Clock } from './clock.js';
import type { CredentialSource } from './credential-source.js';
import type { ClientTracer } from './tracer.js';
import type { VerifierHooks } from './verifier-hooks.js';

/**
 * What to do about a token of ours while it is not known what was revoked lately, or not of its
 * organization, since the backend's own credential is limited to another:
 * - `introspect`: ask the service about it, each time;
 * - `refuse`: answer 503;
 * - `continue`: accept it until it expires. A revocation may be missed for as long.
 */
export type StalenessPolicy = 'introspect' | 'refuse' | 'continue';

export interface StalenessOptions {
  /** How old the knowledge of what was revoked may be, milliseconds. Default 1000. */
  readonly limitMs?: number | undefined;
  /** Past the limit. Default `introspect`. Without a `credential` it has to be `continue`. */
  readonly policy?: StalenessPolicy | undefined;
}

/** How what only the service knows (API keys, other issuers' tokens) is asked and remembered. */
export interface IntrospectionOptions {
  /** Answers remembered at most. Default 10,000. */
  readonly cacheSize?: number | undefined;
  /**
   * How long an answer is remembered at most, milliseconds, while the feed of revocations is followed.
   * Default 60,000. 0: each use is asked about.
   */
  readonly cacheTtlMs?: number | undefined;
  /** How long it is remembered that a credential is not good. Default 2000. */
  readonly negativeTtlMs?: number | undefined;
  /** Questions under way at once. Default 32. */
  readonly concurrency?: number | undefined;
  /** Questions that wait for their turn; more are answered with 503. Default 256. */
  readonly queueSize?: number | undefined;
  /** Time limit of one attempt, milliseconds. Default: the staleness limit, under `continue` 1000. */
  readonly timeoutMs?: number | undefined;
}

/** The nonces that proofs have to bear, where a backend wants them. @see RFC 9449 §9 */
export interface DpopNonceSource {
  /** The one to hand out now. */
  current(): string;
  /** Whether it was handed out, by whichever replica, and is still good. */
  isValid(nonce: string): boolean;
}

export interface DpopOptions {
  /**
   * Where this service is for its clients, such as `https://api.example.com`: a proof is made for that
   * URL. Never taken from the request, whose `Host` the sender chooses.
   */
  readonly baseUrl: string;
  /** How long ago a proof may have been made. Default 60. */
  readonly maxAgeSeconds?: number | undefined;
  /** Default: none; then the time in the proof counts. */
  readonly nonces?: DpopNonceSource | undefined;
  /** Proofs remembered, so that none is taken twice. Default 100,000. */
  readonly replayMemory?: number | undefined;
}

export interface VerifierOptions {
  /** Countersign's issuer, compared exactly with `iss`. */
  readonly issuer: string;
  /** This service's audience URI, or several: a credential must be for one of them, or for any. */
  readonly audience: string | readonly string[];
  /**
   * This backend's own credential, with the scopes `countersign:introspect` and
   * `countersign:revocations:read`. Without it API keys cannot be accepted, and no revocation reaches
   * this backend before a token expires.
   */
  readonly credential?: CredentialSource | undefined;
  readonly staleness?: StalenessOptions | undefined;
  readonly introspection?: IntrospectionOptions | undefined;
  /** Tokens whose signature is remembered, at most. Default 10,000. */
  readonly tokenCacheSize?: number | undefined;
  /** Default: tokens that are bound to a DPoP key are refused. */
  readonly dpop?: DpopOptions | undefined;
  /** Where the service is reached. Default: the issuer. */
  readonly serviceUrl?: string | undefined;
  /** Where the keys are. Default: what the metadata says (RFC 8414); with `serviceUrl`, there. */
  readonly jwksUri?: string | undefined;
  readonly keySetTimes?: Partial<KeySetTimes> | undefined;
  /** Values of `typ` to accept. Default: `at+jwt` only (RFC 9068 §4). */
  readonly types?: readonly TokenTyp[] | undefined;
  /** How far the issuer's clock may be from ours, either way. Default 5. */
  readonly clockToleranceSeconds?: number | undefined;
  /** `realm` of challenges. Default: the first audience. */
  readonly realm?: string | undefined;
  /** Default false: keys and credentials travel over https only. */
  readonly allowInsecureHttp?: AllowInsecureHttp | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  readonly clock?: Partial<Clock> | undefined;
  readonly hooks?: VerifierHooks | undefined;
  /** OpenTelemetry's. Default: no spans. */
  readonly tracer?: ClientTracer | undefined;
}
