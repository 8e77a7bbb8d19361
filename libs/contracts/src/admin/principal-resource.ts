import { z } from 'zod';
import { identifier } from '../identifier.js';
import { instant } from '../instant.js';
import { metadata } from '../metadata.js';
import { PRINCIPAL_TYPES } from '../principal.js';
import { scopeSet } from '../scope.js';
import { externalId, label } from '../text.js';
import { ENTITY_STATUSES } from './organization.js';
import { pageOf, pageQuery } from './page.js';
import { roleName } from './role.js';

const roleNames = z
  .array(roleName)
  .max(64)
  .refine((names) => new Set(names).size === names.length, 'must not repeat a role');

const actorIds = z
  .array(identifier('principal'))
  .max(64)
  .refine((ids) => new Set(ids).size === ids.length, 'must not repeat a principal')
  .describe('principals that may act for this one, with one of its tokens (RFC 8693 §4.1)');

/** A principal as the admin API shows it: what it is granted, not what one credential may do. */
export const principalResource = z
  .strictObject({
    id: identifier('principal'),
    type: z.enum(PRINCIPAL_TYPES),
    name: label,
    organization_id: identifier('organization').nullable(),
    external_id: externalId.nullable(),
    scopes: z.array(z.string()).describe('granted directly, without those of the roles'),
    roles: z.array(z.string()),
    actor_ids: z
      .array(z.string())
      .describe('principals that may act for this one, with one of its tokens'),
    metadata,
    status: z.enum(ENTITY_STATUSES),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'PrincipalResource' });

export const createPrincipal = z
  .strictObject({
    type: z.enum(PRINCIPAL_TYPES),
    name: label,
    organization_id: identifier('organization').nullable().optional(),
    external_id: externalId.nullable().optional(),
    scopes: scopeSet.default([]),
    roles: roleNames.default([]),
    actor_ids: actorIds.default([]),
    metadata: metadata.default({}),
  })
  .meta({ id: 'CreatePrincipal' });

/** JSON merge patch: absent members stay, null removes. @see RFC 7396 */
export const patchPrincipal = z
  .strictObject({
    name: label.optional(),
    external_id: externalId.nullable().optional(),
    scopes: scopeSet.nullable().optional(),
    roles: roleNames.nullable().optional(),
    actor_ids: actorIds.nullable().optional(),
    metadata: metadata.nullable().optional(),
    status: z.enum(ENTITY_STATUSES).optional(),
  })
  .meta({ id: 'PatchPrincipal' });

export const listPrincipals = pageQuery.extend({
  organization_id: identifier('organization').optional(),
  external_id: externalId.optional(),
  type: z.enum(PRINCIPAL_TYPES).optional(),
  status: z.enum(ENTITY_STATUSES).optional(),
});
export const principalPage = pageOf(principalResource, 'PrincipalPage');

export type PrincipalResource = z.infer<typeof principalResource>;
export type CreatePrincipal = z.infer<typeof createPrincipal>;
export type PatchPrincipal = z.infer<typeof patchPrincipal>;
export type ListPrincipals = z.infer<typeof listPrincipals>;
