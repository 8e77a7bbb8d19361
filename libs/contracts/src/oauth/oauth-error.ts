import { z } from 'zod';
import { propagation } from '../revocation/propagation.js';

/** Error codes of the OAuth endpoints and the HTTP status of each. */
export const OAUTH_ERROR_STATUS = {
  invalid_request: 400, // RFC 6749 §5.2
  invalid_client: 401, // RFC 6749 §5.2
  invalid_grant: 400, // RFC 6749 §5.2
  unauthorized_client: 400, // RFC 6749 §5.2
  unsupported_grant_type: 400, // RFC 6749 §5.2
  invalid_scope: 400, // RFC 6749 §5.2
  invalid_target: 400, // RFC 8707 §2
  unsupported_token_type: 400, // RFC 7009 §2.2.1
  invalid_dpop_proof: 400, // RFC 9449 §5
  use_dpop_nonce: 400, // RFC 9449 §8
  invalid_token: 401, // RFC 6750 §3.1
  insufficient_scope: 403, // RFC 6750 §3.1
  server_error: 500, // RFC 6749 §4.1.2.1, for want of another
  temporarily_unavailable: 503, // RFC 6749 §4.1.2.1, for want of another
} as const;

export type OAuthErrorCode = keyof typeof OAUTH_ERROR_STATUS;

/** @see RFC 6749 §5.2 */
export const oauthError = z
  .strictObject({
    error: z.enum(Object.keys(OAUTH_ERROR_STATUS) as [OAuthErrorCode, ...OAuthErrorCode[]]),
    error_description: z.string().optional(),
    propagation: propagation.optional().describe('of a revocation that is not confirmed'),
  })
  .meta({ id: 'OAuthError' });
