import type { VerifiedApiKey } from './verified-api-key.js';
import type { VerifiedIdentity } from './verified-identity.js';

/** What an access token was derived from, and dies with. */
export type RootCredential = VerifiedApiKey | VerifiedIdentity;
