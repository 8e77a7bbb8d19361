import { z } from 'zod';
import { identifier } from '../identifier.js';
import { PRINCIPAL_TYPES } from '../principal.js';
import { scopeToken } from '../scope.js';

/**
 * Where a claim is: a JSON Pointer into the claims. Names of claims contain dots and whole URLs, so
 * that no home-made path would do.
 * @see RFC 6901 §3
 */
export const claimPointer = z
  .string()
  .max(255)
  .regex(/^(?:\/(?:[^/~]|~[01])+)+$/, 'must be a JSON Pointer (RFC 6901), like /realm_access/roles')
  .meta({ id: 'ClaimPointer', examples: ['/realm_access/roles'] });

const claimValue = z.string().min(1).max(255);
const bounded = <Value extends z.ZodType>(value: Value) =>
  z
    .record(claimValue, value)
    .refine((map) => Object.keys(map).length <= 256, 'must have at most 256 members');

const claimPointers = z.union([claimPointer, z.array(claimPointer).min(1).max(4)]);

/** What claims of a product are made into that no pointer reaches: its own way of packing them. */
export const CLAIM_TRANSFORMS = ['clerk_permissions'] as const;

const scopesByValue = bounded(z.array(scopeToken).max(256))
  .optional()
  .describe('the scopes that each value stands for; values that are not here stand for none');

/** Scopes by one claim, a string of scopes (RFC 8693 §4.2) or an array of strings; or by a transform. */
const scopeSource = z.union([
  z.strictObject({ claim: claimPointer, map: scopesByValue }),
  z.strictObject({
    transform: z
      .enum(CLAIM_TRANSFORMS)
      .describe('`clerk_permissions`: `org:<feature>:<permission>` of session tokens of version 2'),
    map: scopesByValue,
  }),
]);

const serviceSign = z.union([
  z.strictObject({ claim: claimPointer, is: claimValue }),
  z.strictObject({
    claim: claimPointer,
    same_as: claimPointer,
    suffix: claimValue.optional().describe('what the claim has behind the other one'),
  }),
]);

/** How the claims of an issuer become a principal. What is absent is not read from the token. */
export const claimMapping = z
  .strictObject({
    subject: claimPointers.describe(
      'whom the token is about, never reassigned by the issuer; of several, the first that is there',
    ),
    external_id: claimPointer
      .optional()
      .describe('the external id of the principal to link; default: the subject'),
    scopes: z
      .union([z.literal('ceiling'), z.array(scopeSource).max(16)])
      .describe('`ceiling`: all that the issuer may ever give; only when it links principals'),
    organization: z
      .strictObject({ claim: claimPointer, map: bounded(identifier('organization')) })
      .optional()
      .describe('the organization by a claim; a value that is not in `map` is turned away'),
    type: z.union([
      z.enum(PRINCIPAL_TYPES),
      z.strictObject({
        claim: claimPointer,
        map: bounded(z.enum(PRINCIPAL_TYPES)),
        default: z.enum(PRINCIPAL_TYPES),
      }),
      z
        .strictObject({ service_when: z.array(serviceSign).min(1).max(8) })
        .describe('`service` where one of these holds, else `user`'),
    ]),
    name: claimPointers
      .optional()
      .describe('of several, the first that is there; default: the subject'),
    metadata: z
      .record(z.string().min(1).max(64), claimPointer)
      .refine((map) => Object.keys(map).length <= 16, 'must have at most 16 members')
      .optional()
      .describe('metadata of a principal that is created, by name'),
  })
  .meta({ id: 'ClaimMapping' });

export type ClaimMapping = z.infer<typeof claimMapping>;
export type ClaimTransform = (typeof CLAIM_TRANSFORMS)[number];
export type ServiceSign = z.infer<typeof serviceSign>;
