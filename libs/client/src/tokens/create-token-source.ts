import { elapsedMs, type Moment, momentOf } from '../moment.js';
import type { AccessToken } from './access-token.js';
import { type IssuedToken, TokenClient } from './token-client.js';
import type { TokenRequestOptions } from './token-request-options.js';

const RENEW_AT = 0.8;
/** How much earlier a renewal may happen, as a part of a token's life. */
const JITTER = 0.1;
/** A token is not handed out shortly before its end: it has to arrive somewhere while it is good. */
const LAST_PART = 0.05;
const LAST_MS = 5000;
/** After a failure nothing is asked for this long. */
const PAUSE_MS = 1000;

export interface TokenSourceOptions extends TokenRequestOptions {
  /**
   * How much of a token's life may be over before it is renewed, 0 to 1; each renewal happens up to a
   * tenth earlier, so that many processes do not ask at once. Default 0.8.
   */
  readonly renewAt?: number | undefined;
}

/** A token that is always good for a while. */
export interface TokenSource {
  /**
   * The token's text. From memory while it is good; renewed beside, ahead of its end; asked for once,
   * however many wait. Fails only when there is none that is still good.
   *
   * @throws {TokenRefused} the service will not give it
   * @throws {TokenUnavailable} the service could not be asked
   */
  token(): Promise<string>;
  /** The same with what is known about it. */
  accessToken(): Promise<AccessToken>;
}

/**
 * Creates a source of access tokens for one audience and scope. Nothing is asked before the first use,
 * and nothing runs between uses.
 * @throws {TypeError} when an option is not usable
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { renewAt = RENEW_AT } = options;
  if (!(renewAt > 0 && renewAt <= 1)) throw new TypeError('renewAt must be above 0, and at most 1');
  const renewing = new RenewedToken(new TokenClient(options), renewAt);
  return {
    token: async () => (await renewing.get()).value,
    accessToken: () => renewing.get(),
  };
}

class RenewedToken {
  #current: (IssuedToken & { readonly renewAfterMs: number }) | undefined;
  #underWay: Promise<AccessToken> | undefined;
  #failure: { readonly error: unknown; readonly at: Moment } | undefined;

  constructor(
    private readonly client: TokenClient,
    private readonly renewAt: number,
  ) {}

  async get(): Promise<AccessToken> {
    const current = this.#current;
    const now = momentOf(this.client.clock);
    if (current === undefined) return this.#renew(now);
    const { askedAt, lifeMs, renewAfterMs, token } = current;
    const ageMs = elapsedMs(askedAt, now);
    if (ageMs < renewAfterMs) return token;
    const isGood = ageMs < lifeMs - Math.min(LAST_MS, lifeMs * LAST_PART);
    if (!isGood) return this.#renew(now);
    // Whoever comes when it is over finds out how it went.
    this.#renew(now).catch(() => {});
    return token;
  }

  #renew(now: Moment): Promise<AccessToken> {
    if (this.#underWay !== undefined) return this.#underWay;
    const failure = this.#failure;
    if (failure !== undefined && elapsedMs(failure.at, now) < PAUSE_MS) {
      return Promise.reject(failure.error);
    }
    this.#underWay = this.#request().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #request(): Promise<AccessToken> {
    try {
      const issued = await this.client.request();
      const part = this.renewAt - Math.random() * JITTER;
      this.#current = { ...issued, renewAfterMs: issued.lifeMs * Math.max(part, 0) };
      this.#failure = undefined;
      return issued.token;
    } catch (error) {
      this.#failure = { error, at: momentOf(this.client.clock) };
      throw error;
    }
  }
}
