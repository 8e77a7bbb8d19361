import { z } from 'zod';
import { identifier } from './identifier.js';
import { rootCredentialId } from './root-credential-id.js';

/** Most actors that one token names. */
export const ACT_CHAIN_MAX = 4;

/** The claim `act`: the actor, its organization, what its token was derived from, and the actor before it. */
export interface ActClaim {
  sub: string;
  /** Its organization; absent: it has none. */
  org?: string | undefined;
  cid: string;
  act?: ActClaim | undefined;
}

/** Who acts for the subject of a token, the newest outermost. @see RFC 8693 §4.1 */
export const actClaim = chainOf(ACT_CHAIN_MAX);

function chainOf(max: number): z.ZodType<ActClaim> {
  const earlier = max > 1 ? chainOf(max - 1) : z.never();
  return z.object({
    sub: identifier('principal'),
    org: z.string().optional(),
    cid: rootCredentialId,
    act: earlier.optional(),
  });
}
