import type { IdentityState } from './identity-state.js';
import type { KeyState } from './key-state.js';

/** What credentials hang on, as far as memory holds it: key versions and federated identities. */
export type CredentialState = KeyState | IdentityState;
