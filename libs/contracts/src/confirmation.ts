import { z } from 'zod';

/**
 * The key that a token is bound to: `jkt`, the RFC 7638 thumbprint (SHA-256) of the key that a DPoP
 * proof is signed with. Every member must be proven; a member that is not known makes the whole
 * confirmation unreadable, since ignoring it would unbind the token.
 * @see RFC 7800 §3.1, RFC 9449 §6.1
 */
export const confirmation = z.strictObject({ jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

export type Confirmation = z.infer<typeof confirmation>;
