import type { AccessToken } from './access-token.js';
import { TokenClient } from './token-client.js';
import type { TokenRequestOptions } from './token-request-options.js';

/**
 * Asks once for an access token, by the client credentials grant or, with a `subject`, by token
 * exchange.
 *
 * @throws {TokenRefused} the service will not give it
 * @throws {TokenUnavailable} the service could not be asked
 * @throws {TypeError} when an option is not usable
 * @see RFC 6749 §4.4, RFC 8693 §2
 */
export async function exchange(options: TokenRequestOptions): Promise<AccessToken> {
  return (await new TokenClient(options).request()).token;
}
