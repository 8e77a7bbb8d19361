import type { VerifiedAccessToken } from './verified-access-token.js';
import type { VerifiedApiKey } from './verified-api-key.js';
import type { VerifiedFederatedToken } from './verified-federated-token.js';

/** A credential that was verified, with the state to decide on; what a verifier yields. */
export type VerifiedCredential = VerifiedApiKey | VerifiedAccessToken | VerifiedFederatedToken;
