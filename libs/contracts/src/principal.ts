import { z } from 'zod';
import { actor } from './actor.js';
import { metadata } from './metadata.js';

export const PRINCIPAL_TYPES = ['user', 'service'] as const;
export const ENVIRONMENTS = ['live', 'test'] as const;
export const CREDENTIAL_TYPES = ['api_key', 'access_token', 'federated_token'] as const;

/** What others may be derived from: a federated token's derivatives hang on its identity. */
export const ROOT_CREDENTIAL_TYPES = [...CREDENTIAL_TYPES, 'federated_identity'] as const;

const numericDate = z.number().int();

/** The credential that a principal was established by. Times are NumericDate (seconds). */
export const credentialReference = z
  .strictObject({
    type: z.enum(CREDENTIAL_TYPES),
    id: z
      .string()
      .describe('the key id, or the `jti` of a token; a digest where another issuer gave none'),
    issuer: z.string(),
    issued_at: numericDate,
    expires_at: numericDate.nullable(),
    root: z
      .strictObject({ type: z.enum(ROOT_CREDENTIAL_TYPES), id: z.string() })
      .describe('what this one was derived from; itself for a key or a federated token'),
  })
  .meta({ id: 'CredentialReference' });

/**
 * Who a credential stands for, in the one shape that every road yields: introspection, a gateway's
 * sub-request, local verification. Everything but `credential` and `audience` is equal by each road.
 * The shape is the wire's, also in code, so that nothing can be lost between two mappers.
 * `scopes` and `roles` are sorted by code unit; times are NumericDate (seconds).
 */
export const principal = z
  .strictObject({
    subject: z.string(),
    type: z.enum(PRINCIPAL_TYPES),
    name: z.string(),
    organization: z.string().nullable(),
    scopes: z.array(z.string()),
    roles: z.array(z.string()),
    audience: z.array(z.string()).describe('empty: no audience restriction'),
    environment: z.enum(ENVIRONMENTS),
    metadata,
    credential: credentialReference,
    actor: actor.nullable().describe('who acts for the subject; null: nobody else does'),
  })
  .meta({ id: 'Principal' });

export type Principal = z.infer<typeof principal>;
export type CredentialReference = z.infer<typeof credentialReference>;
export type PrincipalType = (typeof PRINCIPAL_TYPES)[number];
export type Environment = (typeof ENVIRONMENTS)[number];
