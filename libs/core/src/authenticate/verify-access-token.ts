import type { ActClaim } from '@countersign/contracts';
import { type Rejection, rejected, type VerifiedToken, verifySignature } from '@countersign/verify';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { Keyring } from '../signing/keyring.js';
import type { CredentialState } from '../state/credential-state.js';
import type { KeySlot } from '../state/key-slot.js';
import type { KeyStates } from '../state/key-states.js';
import type { RootCredential } from '../state/root-credential.js';
import { TokenMemory } from '../state/token-memory.js';
import { VerifiedAccessToken } from '../state/verified-access-token.js';

// What a delegated token hangs on is read one after the other; a change meanwhile starts it anew.
const ATTEMPTS = 3;

const NO_ROOTS: readonly RootCredential[] = Object.freeze([]);

export interface AccessTokenVerifierParts {
  readonly issuer: string;
  readonly keyring: Keyring;
  readonly states: KeyStates;
  /** Bytes that remembered tokens may take, about. */
  readonly memoryBytes: number;
}

interface RememberedToken {
  readonly token: VerifiedToken;
  /** Names the very key that the signature was verified under. */
  readonly signingKey: object | undefined;
  slot: KeySlot | undefined;
  /** Of its actors; undefined: not found yet. */
  actorSlots: readonly KeySlot[] | undefined;
  verified: VerifiedAccessToken | undefined;
}

/**
 * Verifies our own access tokens. Remembered is only that a signature held; whether its signing key
 * still counts, and what has become of what the token was derived from, is asked each time.
 */
export class AccessTokenVerifier {
  readonly #parts: AccessTokenVerifierParts;
  readonly #remembered: TokenMemory<RememberedToken>;

  constructor(parts: AccessTokenVerifierParts) {
    this.#parts = parts;
    this.#remembered = new TokenMemory(parts.memoryBytes);
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
    const remembered = this.#recall(credential) ?? this.#verifyUnremembered(credential);
    if ('ok' in remembered) return remembered;
    const { act } = remembered.token.claims;
    if (act !== undefined) {
      return (
        this.#delegated(remembered, nowMs, isUse) ??
        this.#findDelegated(remembered, act, nowMs, isUse)
      );
    }
    const { slot } = remembered;
    if (slot?.state) return this.#derived(remembered, slot, slot.state, NO_ROOTS, nowMs, isUse);
    return this.#findRoot(remembered, nowMs, isUse);
  }

  /** A signature that held counts as long as the key that it was verified under. */
  #recall(credential: string): RememberedToken | undefined {
    const remembered = this.#remembered.get(credential);
    if (remembered === undefined) return undefined;
    const current = this.#parts.keyring.verifying.get(remembered.token.kid);
    return current === remembered.signingKey ? remembered : undefined;
  }

  #verifyUnremembered(credential: string): RememberedToken | Rejection {
    const { keyring, issuer } = this.#parts;
    const token = verifySignature(credential, keyring.verifying, issuer);
    if (!token.ok) return token;
    const signingKey = keyring.verifying.get(token.kid);
    const remembered = {
      token,
      signingKey,
      slot: undefined,
      actorSlots: undefined,
      verified: undefined,
    };
    this.#remembered.set(credential, remembered);
    return remembered;
  }

  async #findRoot(
    remembered: RememberedToken,
    nowMs: number,
    isUse: boolean,
  ): Promise<VerifiedAccessToken | Rejection> {
    const found = await this.#find(remembered.token.claims.cid);
    if (found === undefined) return rejected('credential_revoked');
    remembered.slot = found.slot;
    return this.#derived(remembered, found.slot, found.state, NO_ROOTS, nowMs, isUse);
  }

  /** What a `cid` names; undefined: we signed it, but it was deleted since. */
  async #find(cid: string) {
    const found = await this.#parts.states.find(rootIdOf(cid));
    return found?.slot.verified(found.state).cid === cid ? found : undefined;
  }

  /** A delegated token, if memory has all that it hangs on. */
  #delegated(
    remembered: RememberedToken,
    nowMs: number,
    isUse: boolean,
  ): VerifiedAccessToken | undefined {
    const { slot, actorSlots } = remembered;
    if (!slot?.state || actorSlots === undefined) return undefined;
    const actors: RootCredential[] = [];
    for (const actor of actorSlots) {
      if (actor.state === undefined) return undefined;
      actors.push(actor.verified(actor.state));
      if (isUse) this.#parts.states.touch(actor, nowMs);
    }
    return this.#derived(remembered, slot, slot.state, actors, nowMs, isUse);
  }

  async #findDelegated(
    remembered: RememberedToken,
    act: ActClaim,
    nowMs: number,
    isUse: boolean,
  ): Promise<VerifiedAccessToken | Rejection> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await this.#find(remembered.token.claims.cid);
      if (found === undefined) return rejected('credential_revoked');
      const actorSlots: KeySlot[] = [];
      for (let claim: ActClaim | undefined = act; claim !== undefined; claim = claim.act) {
        const actor = await this.#find(claim.cid);
        if (actor === undefined) return rejected('actor_not_permitted');
        actorSlots.push(actor.slot);
      }
      remembered.slot = found.slot;
      remembered.actorSlots = actorSlots;
      const verified = this.#delegated(remembered, nowMs, isUse);
      if (verified !== undefined) return verified;
    }
    throw new DependencyUnavailable('undisturbed reading');
  }

  #derived(
    remembered: RememberedToken,
    slot: KeySlot,
    state: CredentialState,
    actors: readonly RootCredential[],
    nowMs: number,
    isUse: boolean,
  ): VerifiedAccessToken {
    if (isUse) this.#parts.states.touch(slot, nowMs);
    const root = slot.verified(state);
    const { verified } = remembered;
    if (verified?.root === root && areSame(verified.actorRoots, actors)) return verified;
    remembered.verified = new VerifiedAccessToken(remembered.token, root, actors);
    return remembered.verified;
  }
}

function areSame(before: readonly RootCredential[], now: readonly RootCredential[]): boolean {
  return before === now || now.every((root, index) => root === before[index]);
}

/** `cid` is the id of a key or a trusted issuer, a dot, and that of the version or identity. */
function rootIdOf(cid: string): string {
  return cid.slice(cid.indexOf('.') + 1);
}
