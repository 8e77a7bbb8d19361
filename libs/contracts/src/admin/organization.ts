import { z } from 'zod';
import { identifier } from '../identifier.js';
import { instant } from '../instant.js';
import { metadata } from '../metadata.js';
import { label } from '../text.js';
import { pageOf, pageQuery } from './page.js';

export const ENTITY_STATUSES = ['active', 'disabled'] as const;
export type EntityStatus = (typeof ENTITY_STATUSES)[number];

/** A customer or partner. Disabling it turns away every credential of its principals. */
export const organization = z
  .strictObject({
    id: identifier('organization'),
    name: label,
    status: z.enum(ENTITY_STATUSES),
    metadata,
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Organization' });

export const createOrganization = z
  .strictObject({ name: label, metadata: metadata.default({}) })
  .meta({ id: 'CreateOrganization' });

/** JSON merge patch: absent members stay as they are. @see RFC 7396 */
export const patchOrganization = z
  .strictObject({
    name: label.optional(),
    status: z.enum(ENTITY_STATUSES).optional(),
    metadata: metadata.nullable().optional(),
  })
  .meta({ id: 'PatchOrganization' });

export const listOrganizations = pageQuery.extend({ status: z.enum(ENTITY_STATUSES).optional() });
export const organizationPage = pageOf(organization, 'OrganizationPage');

export type Organization = z.infer<typeof organization>;
export type CreateOrganization = z.infer<typeof createOrganization>;
export type PatchOrganization = z.infer<typeof patchOrganization>;
export type ListOrganizations = z.infer<typeof listOrganizations>;
