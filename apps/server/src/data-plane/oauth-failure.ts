import { OAUTH_ERROR_STATUS, type OAuthErrorCode, type Propagation } from '@countersign/contracts';
import { withResourceMetadata } from '../http/challenge.js';

export interface OAuthFailureOptions {
  /** Challenge of a 401. @see RFC 9110 §11.6.1 */
  readonly challenge?: string;
  readonly retryAfterSeconds?: number;
  /** The nonce that the next proof has to bear. @see RFC 9449 §8 */
  readonly dpopNonce?: string;
  /** Where HTTP knows better than the code's own status, as with 413 and 415. */
  readonly status?: number;
  /** How far a revocation had come that is not confirmed. */
  readonly propagation?: Propagation;
  /** Leaves `error` out of the answer: no credential was presented (RFC 6750 §3.1). */
  readonly withoutCode?: boolean;
}

/** An answer of an OAuth endpoint that is an error. @see RFC 6749 §5.2 */
export class OAuthFailure extends Error {
  override readonly name = 'OAuthFailure';
  readonly status: number;

  /** @param description printable ASCII without `"` and `\`; says what to do */
  constructor(
    readonly code: OAuthErrorCode,
    readonly description: string,
    readonly options: OAuthFailureOptions = {},
  ) {
    super(`${code}: ${description}`);
    this.status = options.status ?? OAUTH_ERROR_STATUS[code];
  }

  /** The same failure, with a challenge that says where the resource's metadata is. */
  pointingTo(metadataUrl: string): OAuthFailure {
    const { challenge } = this.options;
    if (challenge === undefined) return this;
    return new OAuthFailure(this.code, this.description, {
      ...this.options,
      challenge: withResourceMetadata(challenge, metadataUrl),
    });
  }
}
