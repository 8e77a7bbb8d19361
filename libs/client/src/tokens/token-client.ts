import { tokenResponse } from '@countersign/contracts';
import { type Fetch, parseSecureUrl } from '@countersign/verify';
import {
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { z } from 'zod';
import { type Clock, SYSTEM_CLOCK } from '../clock.js';
import { type Moment, momentOf } from '../moment.js';
import { inSpan } from '../service/in-span.js';
import { ServiceConnection } from '../service/service-connection.js';
import { ServiceFailure } from '../service/service-failure.js';
import type { ClientTracer } from '../tracer.js';
import type { AccessToken } from './access-token.js';
import { TokenRefused, TokenUnavailable } from './token-errors.js';
import { formOfTokenRequest } from './token-form.js';
import type { TokenRequestOptions } from './token-request-options.js';

const TIMEOUT_MS = 5000;
const ATTEMPTS = 3;
/** What the token endpoint calls an error although it is an outage. @see RFC 6749 §4.1.2.1 */
const OUTAGES: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error']);

/** An answer as a client reads it: what a newer service adds is left out. */
const readableToken = z.object(tokenResponse.shape);

/** A token, and when it was asked for: it lives from some time after that. */
export interface IssuedToken {
  readonly token: AccessToken;
  readonly askedAt: Moment;
  readonly lifeMs: number;
}

/** Asks the token endpoint, again after a short wait where that may help. */
export class TokenClient {
  readonly clock: Clock;
  // Not a private member: it holds the credential, and would be printed.
  readonly #options: TokenRequestOptions;
  readonly #service: ServiceConnection;
  readonly #tracer: ClientTracer | undefined;
  readonly #policy: IPolicy;

  /** @throws {TypeError} when an option is not usable */
  constructor(options: TokenRequestOptions) {
    this.#options = options;
    const { issuer, serviceUrl = issuer, allowInsecureHttp, credential, tracer } = options;
    const { timeoutMs = TIMEOUT_MS } = options;
    if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be a number above 0');
    if (credential === '') throw new TypeError('credential must not be empty');
    const fetchImplementation: Fetch = options.fetch ?? ((url, init) => fetch(url, init));
    const base = parseSecureUrl(serviceUrl, allowInsecureHttp);
    this.#service = new ServiceConnection(base, credential, fetchImplementation);
    this.#tracer = tracer;
    this.clock = { ...SYSTEM_CLOCK, ...options.clock };
    this.#policy = wrap(
      retry(handleWhen(isTransient), {
        maxAttempts: ATTEMPTS - 1,
        backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }),
      }),
      timeout(timeoutMs, TimeoutStrategy.Aggressive),
    );
  }

  /**
   * @throws {TokenRefused}
   * @throws {TokenUnavailable}
   */
  async request(): Promise<IssuedToken> {
    try {
      return await inSpan(this.#tracer, 'countersign.token', () =>
        this.#policy.execute(({ signal }) => this.#attempt(signal)),
      );
    } catch (error) {
      throw toTokenError(error);
    }
  }

  async #attempt(signal: AbortSignal): Promise<IssuedToken> {
    const form = await formOfTokenRequest(this.#options);
    const askedAt = momentOf(this.clock);
    const response = await this.#service.send('/token', { method: 'POST', form, signal });
    const body: unknown = await response.json().catch(() => undefined);
    const { data: answer } = readableToken.safeParse(body);
    if (answer === undefined) throw new ServiceFailure('malformed', 'the answer is no token');
    const lifeMs = answer.expires_in * 1000;
    const token: AccessToken = {
      value: answer.access_token,
      type: answer.token_type,
      expiresAtMs: askedAt.wallMs + lifeMs,
      scopes: answer.scope === '' ? [] : answer.scope.split(' '),
    };
    return { token, askedAt, lifeMs };
  }
}

function isTransient(error: Error): boolean {
  return (
    error instanceof TaskCancelledError || (error instanceof ServiceFailure && error.isTransient)
  );
}

function toTokenError(error: unknown): unknown {
  if (error instanceof TaskCancelledError) {
    return new TokenUnavailable('the service did not answer in time', 1, { cause: error });
  }
  if (!(error instanceof ServiceFailure)) return error;
  const { oauthError, retryAfterSeconds = 1, status = 0 } = error.details;
  if (oauthError !== undefined && !OUTAGES.has(oauthError.error)) {
    return new TokenRefused(oauthError.error, status, oauthError.error_description);
  }
  return new TokenUnavailable(error.message, retryAfterSeconds, { cause: error });
}
