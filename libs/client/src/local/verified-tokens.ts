import {
  type CompactJws,
  frozenPrincipalOf,
  type RevocationHit,
  type RevocationId,
  revocationIdsOf,
  type VerificationKey,
  type VerifiedToken,
} from '@countersign/verify';
import { LRUCache } from 'lru-cache';
import type { RevocationMemory } from '../feed/revocation-memory.js';
import { organizationsOf } from '../feed/organizations-of.js';
import type { AcceptedCredential } from '../verify-result.js';

/** 256 bits in base64url are 43 characters: the end of every signature of ours has as many. */
const TAIL_CHARS = 43;

/**
 * A token whose signature holds, with what follows from that alone. Whether it may be used is told at
 * each use; what the feed says of it is worked out anew whenever the feed says something.
 */
export class RememberedToken {
  readonly ok = true;
  /** What accepting it answers: made once, and the same each time. */
  readonly accepted: AcceptedCredential;
  #version = -1;
  #hit: RevocationHit | undefined;
  /** Made when it is first wanted: most feeds tell of every organization. */
  #organizations: readonly string[] | undefined;

  constructor(
    /** A copy: what was cut out of a header would keep the whole of it in memory. */
    readonly text: string,
    readonly verified: VerifiedToken,
    /** That verified the signature. */
    readonly key: VerificationKey,
  ) {
    const principal = frozenPrincipalOf(verified);
    this.accepted = Object.freeze({ ok: true, principal, source: 'local' });
  }

  /** What the feed may name to hit it. Made each time: it is seldom wanted. */
  get ids(): readonly RevocationId[] {
    return revocationIdsOf(this.verified.claims, this.verified.kid);
  }

  /** That it names, of its subject and of its actors: the feed may be silent about some. */
  get organizations(): readonly string[] {
    return (this.#organizations ??= organizationsOf(this.ids));
  }

  /** What has become of it; undefined: nothing that the feed would know of. */
  hit(revocations: RevocationMemory, nowSeconds: number): RevocationHit | undefined {
    const version = revocations.versionAt(nowSeconds);
    if (version !== this.#version) {
      this.#hit = revocations.hit(this.verified, nowSeconds);
      this.#version = version;
    }
    return this.#hit;
  }
}

/**
 * Tokens whose signature was verified, found by the end of their text and compared with the whole of it.
 * The text is held, other than that of a key: it is good for minutes, and a digest of it would take
 * longer than all else that is done for a token that was seen before.
 */
export class VerifiedTokens {
  readonly #byTail: LRUCache<string, RememberedToken>;

  /** @param size tokens held, at most */
  constructor(size: number) {
    this.#byTail = new LRUCache({ max: size });
  }

  get(token: string): RememberedToken | undefined {
    const remembered = this.#byTail.get(token.slice(-TAIL_CHARS));
    return remembered?.text === token ? remembered : undefined;
  }

  add({ text }: CompactJws, verified: VerifiedToken, key: VerificationKey): RememberedToken {
    const remembered = new RememberedToken(text, verified, key);
    this.#byTail.set(text.slice(-TAIL_CHARS), remembered);
    return remembered;
  }

  delete(token: string): void {
    this.#byTail.delete(token.slice(-TAIL_CHARS));
  }

  clear(): void {
    this.#byTail.clear();
  }
}
