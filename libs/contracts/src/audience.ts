import { z } from 'zod';

/** The audience of a resource server: an absolute URI without fragment. @see RFC 8707 §2 */
export const audience = z
  .string()
  .max(512)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x23-\x3B\x3D\x3F-\x5B\x5D\x5F\x61-\x7A\x7E]+$/, {
    error: 'must be an absolute URI without fragment (RFC 8707 §2)',
  })
  .refine((uri) => !uri.includes('#') && URL.canParse(uri), {
    error: 'must be an absolute URI without fragment (RFC 8707 §2)',
  })
  .meta({ examples: ['https://api.example.com'] });
