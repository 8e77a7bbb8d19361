import { z } from 'zod';
import { publicJwk } from '../public-jwk.js';

/** More than any issuer signs with at a time; verification looks through all of them. */
export const ISSUER_JWKS_MAX = 16;

/**
 * The public keys of an issuer, where they are given and not fetched. No two have the same `kid`.
 * @see RFC 7517 §5
 */
export const issuerJwks = z
  .strictObject({ keys: z.array(publicJwk).min(1).max(ISSUER_JWKS_MAX) })
  .superRefine(({ keys }, context) => {
    const kids = keys.map(({ kid }) => kid);
    keys.forEach(({ kid }, index) => {
      if (kid === undefined || kids.indexOf(kid) === index) return;
      const path = ['keys', index, 'kid'];
      context.addIssue({ code: 'custom', path, message: 'must be unique' });
    });
  });

export type IssuerJwks = z.infer<typeof issuerJwks>;
