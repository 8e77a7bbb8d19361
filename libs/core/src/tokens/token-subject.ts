import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';

/** What a token is issued for: a credential, or what an earlier one was derived from. */
export type TokenSubject = VerifiedCredential | RootCredential;
