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
 * Tokens whose signature was verified, found by a number made of their text and compared with the whole of
 * it. The text is held, other than that of a key: it is good for minutes, and a digest of it would take
 * longer than all else that is done for a token that was seen before.
 */
export class VerifiedTokens {
  readonly #byNumber: LRUCache<number, RememberedToken>;

  /** @param size tokens held, at most */
  constructor(size: number) {
    this.#byNumber = new LRUCache({ max: size });
  }

  get(token: string): RememberedToken | undefined {
    const remembered = this.#byNumber.get(numberOf(token));
    return remembered?.text === token ? remembered : undefined;
  }

  /** In the place of another of the same number, which hardly ever there is. */
  add({ text }: CompactJws, verified: VerifiedToken, key: VerificationKey): RememberedToken {
    const remembered = new RememberedToken(text, verified, key);
    this.#byNumber.set(numberOf(text), remembered);
    return remembered;
  }

  delete(token: string): void {
    this.#byNumber.delete(numberOf(token));
  }

  clear(): void {
    this.#byNumber.clear();
  }
}

/**
 * Five characters near the end of a signature, where 30 bits are as good as random whatever the algorithm;
 * the last ones are less so. Found faster than a text, which would have to be hashed.
 */
function numberOf(token: string): number {
  let number = 0;
  for (let index = token.length - 9; index < token.length - 4; index += 1) {
    number = (number * 67 + token.charCodeAt(index)) & 0x3f_ff_ff_ff;
  }
  return number;
}
