import type { Propagation } from '@countersign/contracts';
import type { OAuthFailure } from './oauth-failure.js';

const NOT_ALLOWED_IN_DESCRIPTION = /[^\x20\x21\x23-\x5B\x5D-\x7E]/g;

/** What tells of a failure, in whichever protocol it is sent. */
export interface RenderedFailure {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly error?: string;
    readonly error_description?: string;
    readonly propagation?: Propagation;
  };
}

/**
 * The headers and the JSON of an error of an OAuth endpoint; never cached.
 * @see RFC 6749 §5.2
 */
export function renderFailure({ code, description, options }: OAuthFailure): RenderedFailure {
  const { challenge, retryAfterSeconds, dpopNonce, withoutCode, propagation } = options;
  return {
    headers: {
      ...(challenge !== undefined && { 'www-authenticate': challenge }),
      ...(dpopNonce !== undefined && { 'dpop-nonce': dpopNonce }),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      'cache-control': 'no-store',
      pragma: 'no-cache',
    },
    body: withoutCode
      ? {}
      : {
          error: code,
          error_description: description.replace(NOT_ALLOWED_IN_DESCRIPTION, "'"),
          ...(propagation !== undefined && { propagation }),
        },
  };
}
