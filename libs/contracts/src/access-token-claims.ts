import { z } from 'zod';
import { actClaim } from './act-claim.js';
import { confirmation } from './confirmation.js';
import { derivedFrom } from './derived-from.js';
import { identifier } from './identifier.js';
import { metadata } from './metadata.js';
import { ENVIRONMENTS, PRINCIPAL_TYPES } from './principal.js';
import { restrictions } from './restrictions.js';
import { rootCredentialId } from './root-credential-id.js';
import { statusClaim } from './status-claim.js';

const numericDate = z.number().int().nonnegative();

/**
 * The claims of an access token that Countersign issues. Times are NumericDate (seconds).
 * `name` and `principal_type` are there so that a token verified locally yields the whole principal.
 * @see RFC 9068 §2.2
 */
export const accessTokenClaims = z.object({
  iss: z.string(),
  sub: identifier('principal'),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  client_id: z
    .string()
    .regex(/^(?:key|fid)_[0-9A-HJKMNP-TV-Z]{26}$/)
    .describe('id of the key, or of the federated identity, that the token was issued to'),
  iat: numericDate,
  exp: numericDate,
  nbf: numericDate.optional(),
  jti: z.string().min(1).max(64),
  scope: z.string().optional().describe('space-separated; absent when there is none'),
  name: z.string(),
  principal_type: z.enum(PRINCIPAL_TYPES),
  org: z.string().optional(),
  roles: z.array(z.string()).optional(),
  env: z.enum(ENVIRONMENTS),
  meta: metadata.optional(),
  cid: rootCredentialId.describe(
    'the root credential: key id, dot, id of the key version; or id of the trusted issuer, dot, id of the federated identity',
  ),
  pos: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('position of the change feed that what the token says is at least as new as'),
  act: actClaim.optional().describe('who acts for the subject (RFC 8693 §4.1)'),
  restrictions: restrictions.optional(),
  cnf: confirmation.optional(),
  proven_cnf: confirmation
    .optional()
    .describe(
      'only in what a gateway hands to its upstream, of a credential that is bound to keys: those that the end client has proven to the gateway. It binds nobody, since the upstream has no such keys, and Countersign itself takes such a token from nobody',
    ),
  derived_from: derivedFrom
    .optional()
    .describe(
      'ids of the tokens that it came of, of the keys that have signed them where that is another, and of the family of refresh tokens: it is revoked with each of them',
    ),
  status: statusClaim
    .optional()
    .describe('where its status is told, for audiences that want it; no part of the principal'),
});

export type AccessTokenClaims = z.infer<typeof accessTokenClaims>;
