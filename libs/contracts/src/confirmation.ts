import { z } from 'zod';
import { certificateThumbprint } from './certificate-thumbprint.js';

/**
 * The keys that a token is bound to: `jkt`, the RFC 7638 thumbprint (SHA-256) of the key that a DPoP
 * proof is signed with; `x5t#S256`, the thumbprint of the client's certificate. Every member must be
 * proven; a member that is not known makes the whole confirmation unreadable, and so does none at
 * all, since ignoring it would unbind the token.
 * @see RFC 7800 §3.1, RFC 9449 §6.1, RFC 8705 §3.1
 */
export const confirmation = z
  .strictObject({
    jkt: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .optional(),
    'x5t#S256': certificateThumbprint.optional(),
  })
  .refine(
    (members) => members.jkt !== undefined || members['x5t#S256'] !== undefined,
    'must have a member',
  );

export type Confirmation = z.infer<typeof confirmation>;
