import { z } from 'zod';
import { audience } from '../audience.js';
import { identifier } from '../identifier.js';
import { instant } from '../instant.js';
import { scopeSet } from '../scope.js';
import { SIGNING_ALGORITHMS, TOKEN_TYPES } from '../signing-algorithm.js';
import { label } from '../text.js';
import { pageOf, pageQuery } from './page.js';
import {
  patchProtectedResourceMetadata,
  protectedResourceMetadata,
} from './protected-resource-metadata.js';

export const ACCESS_TOKEN_TTL_DEFAULT_SECONDS = 300;
export const ACCESS_TOKEN_TTL_MAX_SECONDS = 86_400;

const ttlSeconds = z.number().int().min(1).max(ACCESS_TOKEN_TTL_MAX_SECONDS);
// A year: what lives longer is an API key, which can be listed and rotated.
const refreshTtlSeconds = z.number().int().min(1).max(31_536_000);

/** How long a refresh token for an API lives: since its last use, and at all. */
const refreshTokens = z
  .strictObject({ idle_ttl_seconds: refreshTtlSeconds, absolute_ttl_seconds: refreshTtlSeconds })
  .refine((ttl) => ttl.idle_ttl_seconds <= ttl.absolute_ttl_seconds, {
    error: 'idle_ttl_seconds must not be more than absolute_ttl_seconds',
  })
  .meta({ id: 'RefreshTokenPolicy' });
const actingPrincipals = z
  .array(identifier('principal'))
  .max(64)
  .refine((ids) => new Set(ids).size === ids.length, 'must not repeat a principal');

/** An API that accepts our credentials, and who may introspect for it. */
export const resourceServer = z
  .strictObject({
    id: identifier('resourceServer'),
    audience,
    name: label,
    scopes: z.array(z.string()),
    access_token_ttl_seconds: ttlSeconds,
    signing_alg: z.enum(SIGNING_ALGORITHMS),
    token_typ: z.enum(TOKEN_TYPES),
    refresh_tokens: refreshTokens.nullable().describe('null: none are issued'),
    token_status_list: z
      .boolean()
      .describe('its tokens say where their status is told (docs/status-list.md)'),
    protected_resource_metadata: protectedResourceMetadata
      .nullable()
      .describe('null: none is published'),
    principal_ids: z.array(identifier('principal')).describe('who acts for it'),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'ResourceServer' });

export const createResourceServer = z
  .strictObject({
    audience,
    name: label,
    scopes: scopeSet,
    access_token_ttl_seconds: ttlSeconds.default(ACCESS_TOKEN_TTL_DEFAULT_SECONDS),
    signing_alg: z.enum(SIGNING_ALGORITHMS).default('RS256'),
    token_typ: z.enum(TOKEN_TYPES).default('at+jwt'),
    refresh_tokens: refreshTokens.nullable().default(null),
    token_status_list: z.boolean().default(false),
    protected_resource_metadata: protectedResourceMetadata.nullable().default(null),
    principal_ids: actingPrincipals.default([]),
  })
  .meta({ id: 'CreateResourceServer' });

/** JSON merge patch. The audience is fixed: it is in tokens already issued. @see RFC 7396 */
export const patchResourceServer = z
  .strictObject({
    name: label.optional(),
    scopes: scopeSet.nullable().optional(),
    access_token_ttl_seconds: ttlSeconds.nullable().optional(),
    signing_alg: z.enum(SIGNING_ALGORITHMS).nullable().optional(),
    token_typ: z.enum(TOKEN_TYPES).nullable().optional(),
    refresh_tokens: refreshTokens.nullable().optional(),
    token_status_list: z.boolean().nullable().optional(),
    protected_resource_metadata: patchProtectedResourceMetadata.nullable().optional(),
    principal_ids: actingPrincipals.nullable().optional(),
  })
  .meta({ id: 'PatchResourceServer' });

export const listResourceServers = pageQuery.extend({ audience: audience.optional() });
export const resourceServerPage = pageOf(resourceServer, 'ResourceServerPage');

export type ResourceServer = z.infer<typeof resourceServer>;
export type CreateResourceServer = z.infer<typeof createResourceServer>;
export type PatchResourceServer = z.infer<typeof patchResourceServer>;
export type ListResourceServers = z.infer<typeof listResourceServers>;
