import type { RootCredential } from './root-credential.js';
import type { VerifiedCredential } from './verified-credential.js';

/** What a credential was derived from, and dies with; itself for an API key. */
export function rootOf(credential: VerifiedCredential | RootCredential): RootCredential {
  switch (credential.kind) {
    case 'access_token':
    case 'federated_token':
      return credential.root;
    default:
      return credential;
  }
}
