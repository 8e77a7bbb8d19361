import { OAuthFailure } from '../../data-plane/oauth-failure.js';

/** A mistake of whoever configured the gateway: nothing is let through, and the log says why. */
export function wrongRequirement(detail: string): OAuthFailure {
  return new OAuthFailure('server_error', `the gateway asks wrongly: ${detail}`);
}
