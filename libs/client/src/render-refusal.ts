import type { ChallengeError, RefusedCredential, UnknownCredential } from './verify-result.js';

/** What to answer a request whose credential was not accepted. */
export interface RenderedRefusal {
  readonly status: 400 | 401 | 403 | 503;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As JSON. Says no more than the sender may know. */
  readonly body: { readonly error?: ChallengeError | 'temporarily_unavailable' };
}

/**
 * The HTTP answer to whoever presented a credential that was not accepted: the status, the challenge
 * and no reason. An adapter that answers otherwise still sends these headers.
 * @see RFC 6750 §3, RFC 9110 §10.2.3, §11.6.1
 */
export function renderRefusal(result: RefusedCredential | UnknownCredential): RenderedRefusal {
  if (result.status === 503) {
    return {
      status: 503,
      headers: { 'retry-after': String(result.retryAfterSeconds), 'cache-control': 'no-store' },
      body: { error: 'temporarily_unavailable' },
    };
  }
  const { status, challenge, error, dpopNonce } = result;
  return {
    status,
    headers: {
      'www-authenticate': challenge,
      ...(dpopNonce !== undefined && { 'dpop-nonce': dpopNonce }),
      'cache-control': 'no-store',
    },
    body: error === undefined ? {} : { error },
  };
}
