import type { OAuthErrorCode } from '@countersign/contracts';

/**
 * The service will not give the token that was asked for: to ask again without changing anything is no
 * use. @see RFC 6749 §5.2
 */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  /** @param description what the service says about it; it never contains a credential */
  constructor(
    readonly code: OAuthErrorCode,
    readonly status: number,
    readonly description: string | undefined,
  ) {
    super(description === undefined ? code : `${code}: ${description}`);
  }
}

/** The service could not be asked, or could not answer: later it may. `cause` is what went wrong. */
export class TokenUnavailable extends Error {
  override readonly name = 'TokenUnavailable';

  constructor(
    message: string,
    /** How long to wait, as far as the service has said. */
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
