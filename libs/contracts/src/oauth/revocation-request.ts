import { z } from 'zod';
import { propagation } from '../revocation/propagation.js';
import { clientAuthentication } from './client-authentication.js';

/** Form parameters of `POST /revoke`. @see RFC 7009 §2.1 */
export const revocationRequest = z
  .object({
    token: z.string().min(1).describe('an API key, a JWT or a refresh token of ours'),
    token_type_hint: z.string().optional().describe('only a hint; nothing depends on it'),
    ...clientAuthentication,
  })
  .meta({ id: 'RevocationRequest' });

/**
 * What 200 answers, whether there was anything to revoke or not: no replica accepts the token.
 * @see RFC 7009 §2.2
 */
export const revocationResponse = z
  .strictObject({ propagation })
  .meta({ id: 'RevocationResponse' });

export type RevocationRequest = z.infer<typeof revocationRequest>;
