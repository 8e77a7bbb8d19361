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

/** Scopes by one claim: a string of scopes (RFC 8693 §4.2), or an array of strings. */
const scopeSource = z.strictObject({
  claim: claimPointer,
  map: bounded(z.array(scopeToken).max(256))
    .optional()
    .describe('the scopes that each value stands for; values that are not here stand for none'),
});

/** How the claims of an issuer become a principal. What is absent is not read from the token. */
export const claimMapping = z
  .strictObject({
    subject: claimPointer.describe('whom the token is about; never reassigned by the issuer'),
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
    ]),
    name: claimPointer.optional().describe('default: the subject'),
    metadata: z
      .record(z.string().min(1).max(64), claimPointer)
      .refine((map) => Object.keys(map).length <= 16, 'must have at most 16 members')
      .optional()
      .describe('metadata of a principal that is created, by name'),
  })
  .meta({ id: 'ClaimMapping' });

export type ClaimMapping = z.infer<typeof claimMapping>;
