import { z } from 'zod';

/**
 * Where the status of a token is told: the place in a list, and the list.
 * @see draft-ietf-oauth-status-list §6.2
 */
export const statusClaim = z
  .object({ status_list: z.object({ idx: z.number().int().nonnegative(), uri: z.string() }) })
  .meta({ id: 'StatusClaim' });

export type StatusClaim = z.infer<typeof statusClaim>;
