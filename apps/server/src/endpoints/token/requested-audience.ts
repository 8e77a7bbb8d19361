import type { TokenRequest } from '@countersign/contracts';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';

/**
 * `audience` and `resource` both name an API; together they are one set.
 * @throws {OAuthFailure} `invalid_target` for a resource that is no absolute URI (RFC 8707 §2)
 * @see RFC 8693 §2.1
 */
export function requestedAudience({ audience = [], resource = [] }: TokenRequest): string[] {
  for (const uri of resource) {
    if (!URL.canParse(uri) || uri.includes('#')) {
      throw new OAuthFailure('invalid_target', 'resource must be an absolute URI without fragment');
    }
  }
  return [...new Set([...audience, ...resource])];
}
