import type { Confirmation } from '@countersign/contracts';
import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';

/**
 * The keys that a token is bound to by whoever issued it; undefined: to none.
 * @see RFC 7800 §3.1
 */
export function cnfOf(credential: VerifiedCredential | RootCredential): Confirmation | undefined {
  switch (credential.kind) {
    case 'access_token':
      return credential.token.claims.cnf;
    case 'federated_token':
      return credential.token.cnf;
    default:
      return undefined;
  }
}
