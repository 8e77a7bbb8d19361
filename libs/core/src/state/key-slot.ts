import type { KeyState } from './key-state.js';
import { VerifiedApiKey } from './verified-api-key.js';

/**
 * The place of one key version in memory. The place stays while its content comes and goes: an
 * invalidation empties it, so that whoever holds on to it finds it empty, never outdated.
 */
export class KeySlot {
  /** What the database said; undefined: to be read again. */
  state: KeyState | undefined;
  /** Digest of the presented key whose secret matched, once it has. */
  digest: string | undefined;
  /** The PHC string that it matched: another one is another secret, until it was verified too. */
  matchedHash: string | undefined;
  /** When the key was last used, ms since the epoch; 0: not since the last flush. */
  usedAtMs = 0;
  /** The second in which the cache last learned that the slot is in use. */
  touchedAtSecond = 0;
  #verified: VerifiedApiKey | undefined;

  constructor(
    readonly versionId: string,
    readonly issuer: string,
  ) {}

  /** The version as something to decide on; the same object until the state changes. */
  verified(state: KeyState): VerifiedApiKey {
    if (this.#verified?.state !== state) this.#verified = new VerifiedApiKey(state, this.issuer);
    return this.#verified;
  }

  clear(): void {
    this.state = undefined;
    this.#verified = undefined;
  }
}
