import { z } from 'zod';
import { certificateThumbprint } from '../certificate-thumbprint.js';
import { confirmation } from '../confirmation.js';
import { principal } from '../principal.js';
import { restrictions } from '../restrictions.js';
import { actMember } from './act-member.js';
import { clientAuthentication } from './client-authentication.js';

/**
 * Form parameters of `POST /introspect`. The context parameters are the "other optional parameters"
 * of RFC 7662 §2.1: a credential with restrictions is active only in a context that satisfies them.
 */
export const introspectionRequest = z
  .object({
    token: z.string().min(1).describe('the credential: an API key or a JWT'),
    token_type_hint: z.string().optional().describe('only a hint; nothing depends on it'),
    ip: z.string().optional().describe('address of the end client'),
    method: z.string().optional().describe('HTTP method of the request that is being authorized'),
    path: z.string().optional().describe('path of the request that is being authorized'),
    certificate_thumbprint: certificateThumbprint
      .optional()
      .describe("SHA-256 thumbprint of the end client's certificate, as `x5t#S256` has it"),
    ...clientAuthentication,
  })
  .meta({ id: 'IntrospectionRequest' });

/** @see RFC 7662 §2.2 */
export const introspectionResponse = z
  .union([
    z.strictObject({ active: z.literal(false) }),
    z.strictObject({
      active: z.literal(true),
      scope: z.string(),
      client_id: z.string(),
      username: z.string().describe("the principal's external id, or its name"),
      token_type: z.enum(['api_key', 'Bearer', 'DPoP']),
      exp: z.number().int().optional(),
      iat: z.number().int(),
      nbf: z.number().int().optional(),
      sub: z.string(),
      aud: z.union([z.string(), z.array(z.string())]).optional(),
      iss: z.string(),
      jti: z.string().optional(),
      act: actMember.optional().describe('who acts for the subject (RFC 8693 §4.1)'),
      cnf: confirmation
        .optional()
        .describe('the keys whose proof to ask for (RFC 9449 §6.2, RFC 8705 §3.2)'),
      restrictions: z
        .array(restrictions)
        .optional()
        .describe(
          'where from and for what it may be used: each of them counts, none: everywhere and for all. ' +
            'They are satisfied by what was asked; whoever remembers the answer checks them at each use',
        ),
      principal,
    }),
  ])
  .meta({ id: 'IntrospectionResponse' });

export type IntrospectionRequest = z.infer<typeof introspectionRequest>;
export type IntrospectionResponse = z.infer<typeof introspectionResponse>;
