import { oauthError } from '@countersign/contracts';
import { z } from 'zod';

/** An error as an OAuth endpoint answers it; what a newer service adds is left out. @see RFC 6749 §5.2 */
export const readableOAuthError = z.object(oauthError.shape);

export type OAuthError = z.infer<typeof readableOAuthError>;
