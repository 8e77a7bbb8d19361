import { type Rejection, rejected, type VerifiedToken, verifySignature } from '@countersign/verify';
import { LRUCache } from 'lru-cache';
import type { Keyring } from '../signing/keyring.js';
import type { CredentialDigest } from '../state/credential-digest.js';
import type { CredentialState } from '../state/credential-state.js';
import type { KeySlot } from '../state/key-slot.js';
import type { KeyStates } from '../state/key-states.js';
import { VerifiedAccessToken } from '../state/verified-access-token.js';

// Claims and text in memory come to about this many times the token's length.
const MEMORY_PER_CHARACTER = 4;

export interface AccessTokenVerifierParts {
  readonly issuer: string;
  readonly keyring: Keyring;
  readonly digest: CredentialDigest;
  readonly states: KeyStates;
  /** Bytes that remembered tokens may take, about. */
  readonly memoryBytes: number;
}

interface RememberedToken {
  readonly token: VerifiedToken;
  /** Names the very key that the signature was verified under. */
  readonly signingKey: object | undefined;
  /** What memory knows its root by: the id of a key version, or of a federated identity. */
  readonly rootId: string;
  slot: KeySlot | undefined;
  verified: VerifiedAccessToken | undefined;
}

/**
 * Verifies our own access tokens. Remembered is only that a signature held; whether its signing key
 * still counts, and what has become of what the token was derived from, is asked each time.
 */
export class AccessTokenVerifier {
  readonly #parts: AccessTokenVerifierParts;
  readonly #remembered: LRUCache<string, RememberedToken>;

  constructor(parts: AccessTokenVerifierParts) {
    this.#parts = parts;
    this.#remembered = new LRUCache({ maxSize: parts.memoryBytes });
  }

  get size(): number {
    return this.#remembered.size;
  }

  /**
   * The verified token, or why it was turned away. Synchronous when memory suffices.
   * @param nowMs milliseconds since the epoch
   * @param isUse whether it counts as a use of the key that the token comes from
   * @throws {DependencyUnavailable}
   */
  verify(
    credential: string,
    nowMs: number,
    isUse = true,
  ): VerifiedAccessToken | Rejection | Promise<VerifiedAccessToken | Rejection> {
    const digest = this.#parts.digest.of(credential);
    const remembered = this.#recall(digest) ?? this.#verifyUnremembered(credential, digest);
    if ('ok' in remembered) return remembered;
    const { slot } = remembered;
    if (slot?.state) return this.#derived(remembered, slot, slot.state, nowMs, isUse);
    return this.#findRoot(remembered, nowMs, isUse);
  }

  /** A signature that held counts as long as the key that it was verified under. */
  #recall(digest: string): RememberedToken | undefined {
    const remembered = this.#remembered.get(digest);
    if (remembered === undefined) return undefined;
    const current = this.#parts.keyring.verifying.get(remembered.token.kid);
    return current === remembered.signingKey ? remembered : undefined;
  }

  #verifyUnremembered(credential: string, digest: string): RememberedToken | Rejection {
    const { keyring, issuer } = this.#parts;
    const token = verifySignature(credential, keyring.verifying, issuer);
    if (!token.ok) return token;
    const signingKey = keyring.verifying.get(token.kid);
    const remembered = {
      token,
      signingKey,
      rootId: rootIdOf(token.claims.cid),
      slot: undefined,
      verified: undefined,
    };
    this.#remembered.set(digest, remembered, { size: credential.length * MEMORY_PER_CHARACTER });
    return remembered;
  }

  async #findRoot(
    remembered: RememberedToken,
    nowMs: number,
    isUse: boolean,
  ): Promise<VerifiedAccessToken | Rejection> {
    const found = await this.#parts.states.find(remembered.rootId);
    // A token that we signed, of a key or an identity that was deleted since.
    if (found?.slot.verified(found.state).cid !== remembered.token.claims.cid) {
      return rejected('credential_revoked');
    }
    remembered.slot = found.slot;
    return this.#derived(remembered, found.slot, found.state, nowMs, isUse);
  }

  #derived(
    remembered: RememberedToken,
    slot: KeySlot,
    state: CredentialState,
    nowMs: number,
    isUse: boolean,
  ): VerifiedAccessToken {
    if (isUse) this.#parts.states.touch(slot, nowMs);
    const root = slot.verified(state);
    if (remembered.verified?.root !== root) {
      remembered.verified = new VerifiedAccessToken(remembered.token, root);
    }
    return remembered.verified;
  }
}

/** `cid` is the id of a key, a dot and that of the version; or the id of an identity. */
function rootIdOf(cid: string): string {
  return cid.slice(cid.indexOf('.') + 1);
}
