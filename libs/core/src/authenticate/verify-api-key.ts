import { type Rejection, rejected } from '@countersign/verify';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { type ApiKeyParts, parseApiKey } from '../keys/api-key-format.js';
import type { Argon2Queue } from '../keys/argon2-queue.js';
import type { KeyTagger } from '../keys/key-tagger.js';
import type { SecretHasher } from '../keys/secret-hasher.js';
import type { ApiKeyDigest } from '../state/api-key-digest.js';
import type { KeyStates } from '../state/key-states.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';
import type { RestrictionsPurpose } from './decision-context.js';
import { isDeadForGood } from './is-dead-for-good.js';
import { rootStanding } from './root-standing.js';

/** Replaces a version's hash by one with today's parameters, unless somebody else already has. */
export type StoreRehashedSecret = (
  versionId: string,
  oldHash: string,
  newHash: string,
) => Promise<void>;

/** `refused`: the queue was too long, and nothing was run. */
export type Argon2Outcome = 'matched' | 'mismatched' | 'hashed' | 'failed' | 'refused';

export interface ApiKeyVerifierParts {
  readonly keyPrefix: string;
  readonly tagger: KeyTagger;
  readonly digest: ApiKeyDigest;
  readonly states: KeyStates;
  readonly hasher: SecretHasher;
  readonly queue: Argon2Queue;
  readonly storeRehashedSecret: StoreRehashedSecret;
  readonly onArgon2Run: (outcome: Argon2Outcome) => void;
}

/**
 * Verifies API keys. A key that was seen before costs one digest; a forged or mistyped one an HMAC;
 * only a well-tagged key of a version in good standing reaches argon2, once for each process.
 */
export class ApiKeyVerifier {
  readonly #parts: ApiKeyVerifierParts;
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(parts: ApiKeyVerifierParts) {
    this.#parts = parts;
  }

  /**
   * The verified key, or why it was turned away. Synchronous when memory suffices.
   * @param nowMs milliseconds since the epoch
   * @param isUse whether it counts as a use of the key
   * @param purpose for `revocation`, also the secret of a key that cannot be used now is compared
   * @throws {DependencyUnavailable} database out of reach, or argon2's queue full
   */
  verify(
    credential: string,
    nowMs: number,
    isUse = true,
    purpose: RestrictionsPurpose = 'use',
  ): VerifiedApiKey | Rejection | Promise<VerifiedApiKey | Rejection> {
    const { states } = this.#parts;
    const digest = this.#parts.digest.of(credential);
    if (digest === undefined) return rejected('bad_tag');
    const slot = states.byDigest(digest);
    const state = slot?.state;
    if (slot && state?.kind === 'api_key' && state.secretHash === slot.matchedHash) {
      if (isUse) states.touch(slot, nowMs);
      return slot.verified(state);
    }
    return this.#verifyUnremembered(credential, digest, nowMs, isUse, purpose);
  }

  /**
   * The key that a text with a right tag names, though nothing is known of its secret: to explain
   * why it was turned away, and never to accept it. Undefined: there is none.
   * @throws {DependencyUnavailable}
   */
  async identify(credential: string): Promise<VerifiedApiKey | undefined> {
    const parts = this.#taggedParts(credential);
    const found = parts && (await this.#parts.states.find(parts.versionId));
    return found?.state.kind === 'api_key' ? found.slot.verified(found.state) : undefined;
  }

  #verifyUnremembered(
    credential: string,
    digest: string,
    nowMs: number,
    isUse: boolean,
    purpose: RestrictionsPurpose,
  ): Rejection | Promise<VerifiedApiKey | Rejection> {
    const parts = this.#taggedParts(credential);
    if (parts === undefined) return rejected('bad_tag');
    return this.#verifyTagged(parts, digest, nowMs, isUse, purpose);
  }

  /** A key taken apart whose tag is right. */
  #taggedParts(credential: string): ApiKeyParts | undefined {
    const parts = parseApiKey(credential, this.#parts.keyPrefix);
    const isTagged = parts && this.#parts.tagger.matches(parts.tagged, parts.tag);
    return isTagged ? parts : undefined;
  }

  async #verifyTagged(
    { versionId, secret }: ApiKeyParts,
    digest: string,
    nowMs: number,
    isUse: boolean,
    purpose: RestrictionsPurpose,
  ): Promise<VerifiedApiKey | Rejection> {
    const { states } = this.#parts;
    let matchedHash: string | undefined;
    for (;;) {
      const found = await states.find(versionId);
      if (found === null) return rejected('unknown_credential');
      const { slot, state } = found;
      if (state.kind !== 'api_key') return rejected('unknown_credential');
      const { secretHash } = state;
      // A key without a secret authenticates by another method, and by no secret whatever.
      if (secretHash === null) return rejected('unknown_credential');
      const rememberedHash = slot.digest === digest ? slot.matchedHash : undefined;
      if (secretHash === matchedHash || secretHash === rememberedHash) {
        states.rememberMatch(slot, digest, secretHash);
        if (isUse) states.touch(slot, nowMs);
        return slot.verified(state);
      }
      // What is revoked, expired or disabled is turned away before argon2 is spent on it; but whoever
      // revokes a key that may work again later has to be able to.
      const standing = rootStanding(state, nowMs);
      const isWorthRevoking =
        purpose === 'revocation' && !isDeadForGood(slot.verified(state), nowMs);
      if (!standing.ok && !isWorthRevoking) return standing;
      if (!(await this.#matches(versionId, secretHash, secret, digest))) {
        return rejected('wrong_secret');
      }
      // Argon2 took its time: the state is read again, so that what happened meanwhile counts.
      matchedHash = secretHash;
    }
  }

  /** One argon2 run for all that present the same key against the same hash at the same time. */
  #matches(versionId: string, secretHash: string, secret: string, digest: string) {
    const comparison = digest + secretHash;
    const underWay = this.#underWay.get(comparison);
    if (underWay !== undefined) return underWay;
    const run = this.#runArgon2(versionId, secretHash, secret).finally(() =>
      this.#underWay.delete(comparison),
    );
    this.#underWay.set(comparison, run);
    return run;
  }

  async #runArgon2(versionId: string, secretHash: string, secret: string): Promise<boolean> {
    const { queue, hasher, onArgon2Run } = this.#parts;
    try {
      const matched = await queue.run(() => hasher.verify(secretHash, secret));
      onArgon2Run(matched ? 'matched' : 'mismatched');
      if (matched && hasher.isOutdated(secretHash)) this.#rehash(versionId, secretHash, secret);
      return matched;
    } catch (error) {
      onArgon2Run(error instanceof DependencyUnavailable ? 'refused' : 'failed');
      throw error;
    }
  }

  // Nobody waits for it: when it fails, the next first use tries again.
  #rehash(versionId: string, oldHash: string, secret: string): void {
    const { queue, hasher, storeRehashedSecret, onArgon2Run } = this.#parts;
    queue
      .run(() => hasher.hash(secret))
      .then((newHash) => {
        onArgon2Run('hashed');
        return storeRehashedSecret(versionId, oldHash, newHash);
      })
      .catch(() => undefined);
  }
}
