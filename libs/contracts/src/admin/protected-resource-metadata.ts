import { z } from 'zod';

const pageUrl = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[\x21\x23-\x3B\x3D\x3F-\x5B\x5D\x5F\x61-\x7A\x7E]+$/, 'must be a URL')
  .refine((text) => URL.canParse(text), 'must be a URL');

const pages = {
  resource_documentation: pageUrl,
  resource_policy_uri: pageUrl,
  resource_tos_uri: pageUrl,
};

/**
 * What is published about an API as a protected resource, besides what follows from how it is
 * registered: pages for the people who write its clients.
 * @see RFC 9728 §2
 */
export const protectedResourceMetadata = z
  .strictObject(pages)
  .partial()
  .meta({ id: 'ProtectedResourceMetadata' });

/** JSON merge patch of it. @see RFC 7396 */
export const patchProtectedResourceMetadata = z
  .strictObject({
    resource_documentation: pageUrl.nullable(),
    resource_policy_uri: pageUrl.nullable(),
    resource_tos_uri: pageUrl.nullable(),
  })
  .partial()
  .meta({ id: 'PatchProtectedResourceMetadata' });

/**
 * Whether metadata can be published for an audience: what identifies a protected resource is an https
 * URL without fragment. A query is left out too: by it alone, no gateway tells two resources apart.
 * @see RFC 9728 §1.2
 */
export function isResourceIdentifier(audience: string): boolean {
  return /^https:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(audience);
}

export type ProtectedResourceMetadata = z.infer<typeof protectedResourceMetadata>;
export type PatchProtectedResourceMetadata = z.infer<typeof patchProtectedResourceMetadata>;
