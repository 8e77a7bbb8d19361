import type { OAuthError } from './oauth-error.js';

/**
 * The service could not be asked, or its answer is none. The message contains no credential.
 * - `network`: no answer, or not in time; `status`: an answer that is an error; `malformed`: an answer
 *   that cannot be read.
 */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure';

  constructor(
    readonly kind: 'network' | 'status' | 'malformed',
    message: string,
    readonly details: {
      readonly status?: number;
      readonly retryAfterSeconds?: number | undefined;
      readonly oauthError?: OAuthError | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }

  /** Whether the service is out of order, rather than this one request. */
  get isOutage(): boolean {
    const { status } = this.details;
    return this.kind !== 'status' || status === 401 || status === 403 || (status ?? 500) >= 500;
  }

  /** Whether the same request may do better a moment later. */
  get isTransient(): boolean {
    const { status } = this.details;
    return this.kind === 'network' || (this.kind === 'status' && (status ?? 0) >= 500);
  }

  /** Whether it is this backend's own credential that is not taken. */
  get isCallerRefused(): boolean {
    const { status } = this.details;
    return status === 401 || status === 403;
  }
}
