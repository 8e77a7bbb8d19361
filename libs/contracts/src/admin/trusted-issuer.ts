import { z } from 'zod';
import { looksReserved, RESERVED_SCOPE_PREFIX } from '../countersign-scope.js';
import { FEDERATED_ALGORITHMS } from '../federated-algorithm.js';
import { identifier } from '../identifier.js';
import { instant } from '../instant.js';
import { ENVIRONMENTS } from '../principal.js';
import { scopeSet } from '../scope.js';
import { label } from '../text.js';
import { claimMapping, claimPointer } from './claim-mapping.js';
import { issuerJwks } from './issuer-jwks.js';
import { ENTITY_STATUSES } from './organization.js';
import { pageOf, pageQuery } from './page.js';
import { TRUSTED_ISSUER_PRESETS } from './trusted-issuer-preset.js';

/** How the keys are found when `jwks_uri` is not given. @see OpenID Connect Discovery §4, RFC 8414 §3 */
export const DISCOVERIES = ['openid-configuration', 'oauth-authorization-server'] as const;

/**
 * What happens at the first token of a subject. `link`: it stands for the principal with its
 * external id, or for nobody. `create`: a principal is made. `link_or_create`: the one, else the other.
 */
export const PROVISIONINGS = ['link', 'create', 'link_or_create'] as const;

const issuerIdentifier = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[\x21-\x7E]+$/, 'must be the URL that stands in `iss`')
  .refine((text) => URL.canParse(text) && !/[?#@]/.test(text), {
    error: 'must be a URL without query, fragment and credentials',
  })
  .meta({ examples: ['https://example.eu.auth0.com/'] });
const jwksUri = z
  .string()
  .max(512)
  .refine((text) => URL.canParse(text) && /^https?:/.test(text), 'must be a URL');
const audienceValue = z
  .string()
  .max(512)
  .regex(/^[\x21-\x7E]+$/, 'must be printable ASCII without space');
const distinct = (values: readonly string[]) => new Set(values).size === values.length;
const audienceValues = z.array(audienceValue).max(64).refine(distinct, 'must not repeat a value');
const algorithms = z
  .array(z.enum(FEDERATED_ALGORITHMS))
  .min(1)
  .refine(distinct, 'must not repeat an algorithm');
const ceiling = scopeSet.refine(
  (scopes) => !scopes.some(looksReserved),
  `must not contain ${RESERVED_SCOPE_PREFIX}*, in any case of letters: it never comes from outside`,
);

const writable = {
  name: label,
  jwks: issuerJwks.nullable().describe('the keys themselves; null: they are fetched'),
  jwks_uri: jwksUri.nullable().describe('null: by discovery, where no keys are given'),
  discovery: z.enum(DISCOVERIES),
  algorithms,
  audience_claim: claimPointer.describe('where a token says whom it is for'),
  audiences: audienceValues.min(1).describe('a token must be for one of these'),
  target_audiences: audienceValues
    .nullable()
    .describe('what tokens are good for here; null: for the audience in the token; empty: for any'),
  scopes: ceiling.describe('all that tokens of this issuer may ever carry'),
  mapping: claimMapping,
  provisioning: z.enum(PROVISIONINGS),
};

/** An issuer outside whose tokens are accepted as credentials. */
export const trustedIssuer = z
  .strictObject({
    id: identifier('trustedIssuer'),
    issuer: z.string(),
    preset: z.enum(TRUSTED_ISSUER_PRESETS).nullable(),
    ...writable,
    scopes: z.array(z.string()).describe('all that tokens of this issuer may ever carry'),
    organization_id: identifier('organization').nullable(),
    environment: z.enum(ENVIRONMENTS),
    status: z.enum(ENTITY_STATUSES),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'TrustedIssuer' });

/** Members that are absent come from the preset, and without one from the plainest OpenID provider. */
export const createTrustedIssuer = z
  .strictObject({
    issuer: issuerIdentifier,
    preset: z.enum(TRUSTED_ISSUER_PRESETS).optional(),
    name: label,
    jwks: writable.jwks.optional(),
    jwks_uri: writable.jwks_uri.optional(),
    discovery: writable.discovery.optional(),
    algorithms: algorithms.optional(),
    audience_claim: claimPointer.optional(),
    audiences: writable.audiences,
    target_audiences: writable.target_audiences.optional(),
    scopes: writable.scopes,
    mapping: claimMapping.partial().optional().meta({ id: 'PartialClaimMapping' }),
    provisioning: writable.provisioning.optional(),
    organization_id: identifier('organization').nullable().optional(),
    environment: z.enum(ENVIRONMENTS).optional(),
  })
  .meta({ id: 'CreateTrustedIssuer' });

/**
 * JSON merge patch, but for `mapping`, which is replaced as a whole. The issuer, its organization and
 * its environment are fixed: identities were made by them. @see RFC 7396
 */
export const patchTrustedIssuer = z
  .strictObject({
    name: label.optional(),
    jwks: writable.jwks.optional(),
    jwks_uri: writable.jwks_uri.optional(),
    discovery: writable.discovery.optional(),
    algorithms: algorithms.optional(),
    audience_claim: claimPointer.optional(),
    audiences: writable.audiences.optional(),
    target_audiences: writable.target_audiences.optional(),
    scopes: writable.scopes.optional(),
    mapping: claimMapping.optional(),
    provisioning: writable.provisioning.optional(),
    status: z.enum(ENTITY_STATUSES).optional(),
  })
  .meta({ id: 'PatchTrustedIssuer' });

export const listTrustedIssuers = pageQuery.extend({
  issuer: issuerIdentifier.optional(),
  status: z.enum(ENTITY_STATUSES).optional(),
});
export const trustedIssuerPage = pageOf(trustedIssuer, 'TrustedIssuerPage');

export type TrustedIssuer = z.infer<typeof trustedIssuer>;
export type CreateTrustedIssuer = z.infer<typeof createTrustedIssuer>;
export type PatchTrustedIssuer = z.infer<typeof patchTrustedIssuer>;
export type ListTrustedIssuers = z.infer<typeof listTrustedIssuers>;
export type Discovery = (typeof DISCOVERIES)[number];
export type Provisioning = (typeof PROVISIONINGS)[number];
