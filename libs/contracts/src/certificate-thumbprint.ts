import { z } from 'zod';

/**
 * The SHA-256 thumbprint of the DER encoding of a certificate, base64url, as `x5t#S256` has it.
 * @see RFC 8705 §3.1
 */
export const certificateThumbprint = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'must be a SHA-256 thumbprint in base64url');
