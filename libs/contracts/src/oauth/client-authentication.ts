import { z } from 'zod';

/** The one `client_assertion_type` that is taken. @see RFC 7523 §2.2 */
export const JWT_BEARER_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far ahead `exp` of a client's assertion may be. */
export const CLIENT_ASSERTION_MAX_SECONDS = 300;

/** Form parameters by which a client authenticates: a secret or an assertion, never both. */
export const clientAuthentication = {
  client_id: z.string().optional().describe('id of the key, `key_…`'),
  client_secret: z.string().optional().describe('the API key'),
  client_assertion_type: z.string().optional().describe(`\`${JWT_BEARER_ASSERTION}\``),
  client_assertion: z.string().optional().describe('a JWT that a registered key signed (RFC 7523)'),
};
