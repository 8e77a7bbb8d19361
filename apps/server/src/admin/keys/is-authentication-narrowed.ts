import { isDeepStrictEqual } from 'node:util';
import type { KeyAuthentication } from '@countersign/contracts';
import { isNarrowed } from '../is-narrowed.js';

/** Whether somebody who could prove to be a key's holder before may not be able to any more. */
export function isAuthenticationNarrowed(
  before: KeyAuthentication | null,
  after: KeyAuthentication | null,
): boolean {
  if (before?.method === 'private_key_jwt' && after?.method === 'private_key_jwt') {
    const { keys } = after.jwks;
    return !before.jwks.keys.every((jwk) => keys.some((kept) => isDeepStrictEqual(kept, jwk)));
  }
  if (
    before?.method === 'self_signed_tls_client_auth' &&
    after?.method === 'self_signed_tls_client_auth'
  ) {
    return isNarrowed(before['x5t#S256'], after['x5t#S256']);
  }
  return !isDeepStrictEqual(before, after);
}
