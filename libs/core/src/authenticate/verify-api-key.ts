import { type Rejection, rejected } from '@countersign/verify';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { parseApiKey } from '../keys/api-key-format.js';
import type { Argon2Queue } from '../keys/argon2-queue.js';
import type { KeyTagger } from '../keys/key-tagger.js';
import type { SecretHasher } from '../keys/secret-hasher.js';
import type { CredentialDigest } from '../state/credential-digest.js';
import type { KeyStates } from '../state/key-states.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';
import { keyStanding } from './key-standing.js';

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
  readonly digest: CredentialDigest;
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
   * @throws {DependencyUnavailable} database out of reach, or argon2's queue full
   */
  verify(
    credential: string,
    nowMs: number,
  ): VerifiedApiKey | Rejection | Promise<VerifiedApiKey | Rejection> {
    const { states } = this.#parts;
    const digest = this.#parts.digest.of(credential);
    const slot = states.byDigest(digest);
    if (slot?.state && slot.state.secretHash === slot.matchedHash) {
      states.touch(slot, nowMs);
      return slot.verified(slot.state);
    }
    return this.#verifyUnremembered(credential, digest, nowMs);
  }

  #verifyUnremembered(
    credential: string,
    digest: string,
    nowMs: number,
  ): Rejection | Promise<VerifiedApiKey | Rejection> {
    const parts = parseApiKey(credential, this.#parts.keyPrefix);
    if (parts === undefined) return rejected('bad_tag');
    if (!this.#parts.tagger.matches(parts.tagged, parts.tag)) return rejected('bad_tag');
    return this.#verifyTagged(parts.versionId, parts.secret, digest, nowMs);
  }

  async #verifyTagged(
    versionId: string,
    secret: string,
    digest: string,
    nowMs: number,
  ): Promise<VerifiedApiKey | Rejection> {
    const { states } = this.#parts;
    let matchedHash: string | undefined;
    for (;;) {
      const found = await states.find(versionId);
      if (found === null) return rejected('unknown_credential');
      const { slot, state } = found;
      const { secretHash } = state;
      // A key without a secret authenticates by another method, and by no secret whatever.
      if (secretHash === null) return rejected('unknown_credential');
      const rememberedHash = slot.digest === digest ? slot.matchedHash : undefined;
      if (secretHash === matchedHash || secretHash === rememberedHash) {
        states.rememberMatch(slot, digest, secretHash);
        states.touch(slot, nowMs);
        return slot.verified(state);
      }
      // What is revoked, expired or disabled is turned away before argon2 is spent on it.
      const standing = keyStanding(state, nowMs);
      if (!standing.ok) return standing;
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
