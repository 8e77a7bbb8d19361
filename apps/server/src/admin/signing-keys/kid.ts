import { z } from 'zod';

/** Form of a `kid` of ours: a SHA-256 thumbprint in base64url. @see RFC 7638 §3 */
export const KID = /^[A-Za-z0-9_-]{43}$/;

export const kidParameter = z.string().regex(KID);
