import { z } from 'zod';
import { identifier } from '../identifier.js';
import { instant } from '../instant.js';
import { ENTITY_STATUSES } from './organization.js';
import { pageOf, pageQuery } from './page.js';

/** How an identity came to its principal. */
export const IDENTITY_ORIGINS = ['linked', 'created'] as const;

/** Which principal a subject of a trusted issuer stands for; made at the first token of the subject. */
export const federatedIdentity = z
  .strictObject({
    id: identifier('federatedIdentity'),
    trusted_issuer_id: identifier('trustedIssuer'),
    subject: z.string(),
    principal_id: identifier('principal'),
    organization_id: identifier('organization').nullable(),
    origin: z.enum(IDENTITY_ORIGINS),
    status: z.enum(ENTITY_STATUSES),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'FederatedIdentity' });

/** JSON merge patch. @see RFC 7396 */
export const patchFederatedIdentity = z
  .strictObject({ status: z.enum(ENTITY_STATUSES).optional() })
  .meta({ id: 'PatchFederatedIdentity' });

export const listFederatedIdentities = pageQuery.extend({
  trusted_issuer_id: identifier('trustedIssuer').optional(),
  principal_id: identifier('principal').optional(),
  status: z.enum(ENTITY_STATUSES).optional(),
});
export const federatedIdentityPage = pageOf(federatedIdentity, 'FederatedIdentityPage');

export type FederatedIdentity = z.infer<typeof federatedIdentity>;
export type PatchFederatedIdentity = z.infer<typeof patchFederatedIdentity>;
export type ListFederatedIdentities = z.infer<typeof listFederatedIdentities>;
export type IdentityOrigin = (typeof IDENTITY_ORIGINS)[number];
