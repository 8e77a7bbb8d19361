import { z } from 'zod';
import { audience } from '../audience.js';
import { identifier } from '../identifier.js';
import { instant, instantInput } from '../instant.js';
import { metadata } from '../metadata.js';
import { ENVIRONMENTS } from '../principal.js';
import { patchRestrictions, restrictions } from '../restrictions.js';
import { scopeSet } from '../scope.js';
import { label, reason } from '../text.js';
import { certificateThumbprints } from './certificate-authentication.js';
import { keyAuthentication } from './key-authentication.js';
import { pageOf, pageQuery } from './page.js';

/** `expired` is not stored: it is `active` or `disabled` past its `expires_at`. */
export const KEY_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;
export const ROTATION_GRACE_DEFAULT_SECONDS = 86_400;
export const ROTATION_GRACE_MAX_SECONDS = 90 * 86_400;

const audiences = z
  .array(audience)
  .max(32)
  .refine((list) => new Set(list).size === list.length, 'must not repeat an audience');

/**
 * One secret of a key. Rotation adds one; the one before works until its `expires_at`. A key that
 * authenticates without a secret has one version, without a secret.
 */
export const apiKeyVersion = z
  .strictObject({
    id: z.string().describe('the 16-character id inside the API key'),
    last_four: z.string().nullable(),
    created_at: instant,
    expires_at: instant.nullable().describe('end of its grace, once it has been rotated out'),
  })
  .meta({ id: 'ApiKeyVersion' });

export const apiKey = z
  .strictObject({
    id: identifier('apiKey'),
    principal_id: identifier('principal'),
    name: label,
    scopes: z.array(z.string()),
    environment: z.enum(ENVIRONMENTS),
    status: z.enum(KEY_STATUSES),
    audiences: z.array(audience).describe('where it is accepted; empty: anywhere'),
    restrictions: restrictions.nullable(),
    metadata,
    created_at: instant,
    updated_at: instant,
    expires_at: instant.nullable(),
    last_used_at: instant.nullable(),
    last_four: z.string().nullable().describe('of the newest version; null: it has no secret'),
    authentication: keyAuthentication.nullable().describe('null: by its secret'),
    certificate_thumbprints: certificateThumbprints.describe(
      'certificates, one of which its user must have; empty: none is needed',
    ),
    tls_client_certificate_bound_access_tokens: z
      .boolean()
      .describe('its tokens are bound to the certificate that it presents (RFC 8705 §3.4)'),
    revoked_at: instant.nullable(),
    revoked_reason: z.string().nullable(),
    versions: z.array(apiKeyVersion).describe('newest first'),
  })
  .meta({ id: 'ApiKey' });

/** What creation and rotation answer: the only time that the key itself is shown. */
export const issuedApiKey = apiKey
  .extend({
    key: z
      .string()
      .nullable()
      .describe(
        'the API key, this once; null when an Idempotency-Key replays the answer, and for a key ' +
          'without a secret',
      ),
  })
  .meta({ id: 'IssuedApiKey' });

export const createApiKey = z
  .strictObject({
    name: label,
    scopes: scopeSet,
    environment: z.enum(ENVIRONMENTS),
    expires_at: instantInput.nullable().optional(),
    metadata: metadata.default({}),
    audiences: audiences.default([]),
    restrictions: restrictions.nullable().optional(),
    authentication: keyAuthentication
      .optional()
      .describe(
        'by public keys or a certificate; default: by a secret, which the answer shows this once',
      ),
    certificate_thumbprints: certificateThumbprints.optional(),
    tls_client_certificate_bound_access_tokens: z.boolean().optional(),
  })
  .meta({ id: 'CreateApiKey' });

/** JSON merge patch; `status` disables and enables. Revoking has a route of its own. @see RFC 7396 */
export const patchApiKey = z
  .strictObject({
    name: label.optional(),
    scopes: scopeSet.nullable().optional(),
    status: z.enum(['active', 'disabled']).optional(),
    expires_at: instantInput.nullable().optional(),
    metadata: metadata.nullable().optional(),
    audiences: audiences.nullable().optional(),
    restrictions: patchRestrictions.nullable().optional(),
    authentication: keyAuthentication
      .optional()
      .describe('replaces the public keys, or the certificates'),
    certificate_thumbprints: certificateThumbprints.nullable().optional(),
    tls_client_certificate_bound_access_tokens: z.boolean().nullable().optional(),
  })
  .meta({ id: 'PatchApiKey' });

export const rotateApiKey = z
  .strictObject({
    grace_seconds: z
      .number()
      .int()
      .min(0)
      .max(ROTATION_GRACE_MAX_SECONDS)
      .default(ROTATION_GRACE_DEFAULT_SECONDS)
      .describe('how long the versions before still work; 0 ends them at once'),
  })
  .meta({ id: 'RotateApiKey' });

export const revokeApiKey = z
  .strictObject({ reason: reason.optional() })
  .meta({ id: 'RevokeApiKey' });

export const listApiKeys = pageQuery.extend({
  principal_id: identifier('principal').optional(),
  organization_id: identifier('organization').optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  status: z.enum(KEY_STATUSES).optional(),
  name: label.optional(),
});
export const apiKeyPage = pageOf(apiKey, 'ApiKeyPage');

export type ApiKey = z.infer<typeof apiKey>;
export type IssuedApiKey = z.infer<typeof issuedApiKey>;
export type ApiKeyStatus = (typeof KEY_STATUSES)[number];
export type CreateApiKey = z.infer<typeof createApiKey>;
export type PatchApiKey = z.infer<typeof patchApiKey>;
export type RotateApiKey = z.infer<typeof rotateApiKey>;
export type RevokeApiKey = z.infer<typeof revokeApiKey>;
export type ListApiKeys = z.infer<typeof listApiKeys>;
