import type { AccessToken } from './access-token.js';
import { exchange } from './exchange.js';
import type { TokenRequestOptions } from './token-request-options.js';

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
  return {
    token: async () => (await exchange(options)).value,
    accessToken: () => exchange(options),
  };
}
