import { z } from 'zod';
import { instant } from '../instant.js';
import { SIGNING_ALGORITHMS } from '../signing-algorithm.js';
import { reason } from '../text.js';
import { pageOf, pageQuery } from './page.js';

/** `next` is published and never signs; `active` signs; `retiring` verifies only. */
export const SIGNING_KEY_STATUSES = [
  'next',
  'active',
  'retiring',
  'removed',
  'compromised',
] as const;

/** A signing key, without its private part, which never leaves the service. */
export const signingKey = z
  .strictObject({
    kid: z.string().describe('RFC 7638 thumbprint'),
    alg: z.enum(SIGNING_ALGORITHMS),
    status: z.enum(SIGNING_KEY_STATUSES),
    public_jwk: z.record(z.string(), z.string()),
    created_at: instant,
    activated_at: instant.nullable(),
    retired_at: instant.nullable(),
    removed_at: instant.nullable(),
    compromised_at: instant.nullable(),
    compromised_reason: z.string().nullable(),
    activatable_at: instant
      .nullable()
      .describe('for `next`: when every JWKS cache can have seen it'),
    removable_at: instant
      .nullable()
      .describe('for `retiring`: when the last token that it signed has expired'),
  })
  .meta({ id: 'SigningKey' });

export const prepareSigningKey = z
  .strictObject({ alg: z.enum(SIGNING_ALGORITHMS) })
  .meta({ id: 'PrepareSigningKey' });

export const compromiseSigningKey = z
  .strictObject({ reason: reason.optional() })
  .meta({ id: 'CompromiseSigningKey' });

export const listSigningKeys = pageQuery.extend({
  status: z.enum(SIGNING_KEY_STATUSES).optional(),
  alg: z.enum(SIGNING_ALGORITHMS).optional(),
});
export const signingKeyPage = pageOf(signingKey, 'SigningKeyPage');

export type SigningKey = z.infer<typeof signingKey>;
export type SigningKeyStatus = (typeof SIGNING_KEY_STATUSES)[number];
export type PrepareSigningKey = z.infer<typeof prepareSigningKey>;
export type CompromiseSigningKey = z.infer<typeof compromiseSigningKey>;
export type ListSigningKeys = z.infer<typeof listSigningKeys>;
