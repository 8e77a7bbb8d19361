import { z } from 'zod';
import { clientAuthentication } from './client-authentication.js';
import { GRANT_TYPES } from './grant-type.js';
import { REQUESTED_TOKEN_TYPES, SUBJECT_TOKEN_TYPES } from './token-type.js';

/**
 * Form parameters of `POST /token`, of all grants; `audience` and `resource` may be repeated.
 * @see RFC 6749 §4.4.2, §6, RFC 8693 §2.1, RFC 8707 §2
 */
export const tokenRequest = z
  .object({
    grant_type: z.enum(GRANT_TYPES),
    ...clientAuthentication,
    scope: z.string().optional().describe('narrows; default: all effective scopes'),
    audience: z.array(z.string()).optional(),
    resource: z.array(z.string()).optional(),
    subject_token: z.string().optional(),
    subject_token_type: z.enum(SUBJECT_TOKEN_TYPES).optional(),
    requested_token_type: z.enum(REQUESTED_TOKEN_TYPES).optional(),
    refresh_token: z.string().optional(),
    actor_token: z.string().optional().describe('of who will act for the subject'),
    actor_token_type: z.enum(SUBJECT_TOKEN_TYPES).optional(),
  })
  .meta({ id: 'TokenRequest' });

/** @see RFC 6749 §5.1, RFC 8693 §2.2.1 */
export const tokenResponse = z
  .strictObject({
    access_token: z.string(),
    token_type: z
      .enum(['Bearer', 'DPoP'])
      .describe('DPoP: bound to the key of the proof (RFC 9449 §5)'),
    expires_in: z.number().int().positive().describe('seconds'),
    scope: z.string(),
    issued_token_type: z.enum(REQUESTED_TOKEN_TYPES).optional(),
    refresh_token: z.string().optional().describe('where the resource server allows it'),
  })
  .meta({ id: 'TokenResponse' });

export type TokenRequest = z.infer<typeof tokenRequest>;
export type TokenResponse = z.infer<typeof tokenResponse>;
