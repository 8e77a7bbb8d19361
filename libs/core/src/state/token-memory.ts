import { LRUCache } from 'lru-cache';

/** 256 bits in base64url are 43 characters: no signature that is taken is shorter. */
const TAIL_CHARS = 43;
// Claims and text in memory come to about this many times the token's length.
const BYTES_PER_CHARACTER = 4;

interface Entry<Value> {
  readonly token: string;
  readonly value: Value;
}

/**
 * What is remembered of tokens, found by the end of their text and compared with the whole of it. The text
 * is held, other than that of an API key: it is good for minutes, and a digest of it would take longer
 * than all else that is done for a token that was seen before.
 */
export class TokenMemory<Value> {
  readonly #byTail: LRUCache<string, Entry<Value>>;

  /** @param bytes that it may take, about */
  constructor(bytes: number) {
    // With `max`, memory for all of them would be taken at the start.
    this.#byTail = new LRUCache({ maxSize: bytes });
  }

  get size(): number {
    return this.#byTail.size;
  }

  get(token: string): Value | undefined {
    const entry = this.#byTail.get(token.slice(-TAIL_CHARS));
    return entry?.token === token ? entry.value : undefined;
  }

  /** @param token a JWS in compact form */
  set(token: string, value: Value): void {
    // A copy: what was cut out of a header would keep the whole of it in memory.
    const copy = Buffer.from(token, 'latin1').toString('latin1');
    const size = copy.length * BYTES_PER_CHARACTER;
    this.#byTail.set(copy.slice(-TAIL_CHARS), { token: copy, value }, { size });
  }
}
