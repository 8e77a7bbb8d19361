import type { CredentialState } from './credential-state.js';
import type { IdentityState } from './identity-state.js';
import type { KeyState } from './key-state.js';
import type { RootCredential } from './root-credential.js';
import { VerifiedApiKey } from './verified-api-key.js';
import { VerifiedIdentity } from './verified-identity.js';

/**
 * The place of one key version, or federated identity, in memory. The place stays while its content comes and goes: an
 * invalidation empties it, so that whoever holds on to it finds it empty, never outdated.
 */
export class KeySlot {
  /** What the database said; undefined: to be read again. */
  state: CredentialState | undefined;
  /** Digest of the presented key whose secret matched, once it has. */
  digest: string | undefined;
  /** The PHC string that it matched: another one is another secret, until it was verified too. */
  matchedHash: string | undefined;
  /** When the key was last used, ms since the epoch; 0: not since the last flush. */
  usedAtMs = 0;
  /** The second in which the cache last learned that the slot is in use. */
  touchedAtSecond = 0;
  #verified: RootCredential | undefined;

  constructor(
    /** Of the version, or of the identity. */
    readonly id: string,
    readonly issuer: string,
  ) {}

  /** What is here as something to decide on; the same object until the state changes. */
  verified(state: KeyState): VerifiedApiKey;
  verified(state: IdentityState): VerifiedIdentity;
  verified(state: CredentialState): RootCredential;
  verified(state: CredentialState): RootCredential {
    if (this.#verified?.state !== state) {
      this.#verified =
        state.kind === 'api_key'
          ? new VerifiedApiKey(state, this.issuer)
          : new VerifiedIdentity(state);
    }
    return this.#verified;
  }

  clear(): void {
    this.state = undefined;
    this.#verified = undefined;
  }
}
