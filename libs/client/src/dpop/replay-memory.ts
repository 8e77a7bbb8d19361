import { hash } from 'node:crypto';

/**
 * The DPoP proofs that were accepted, for as long as one could be used again. Full, it says so: to forget
 * one early would make it good again.
 * @see RFC 9449 §11.1
 */
export class ReplayMemory {
  #current = new Set<string>();
  #previous = new Set<string>();
  #turnMs = -Infinity;

  /**
   * @param windowMs how long a proof is good, at most
   * @param capacity proofs held, at most
   */
  constructor(
    private readonly windowMs: number,
    private readonly capacity: number,
  ) {}

  /**
   * Remembers a proof by its key's thumbprint and its `jti`.
   * @returns whether it was new; `full` when nothing more can be remembered
   */
  spend(jkt: string, jti: string, nowMs: number): 'new' | 'spent' | 'full' {
    this.#turn(nowMs);
    const id = hash('sha256', `${jkt} ${jti}`, 'binary').slice(0, 16);
    if (this.#current.has(id) || this.#previous.has(id)) return 'spent';
    if (this.#current.size + this.#previous.size >= this.capacity) return 'full';
    this.#current.add(id);
    return 'new';
  }

  /** What was remembered before the last turn but one is older than any proof that is still good. */
  #turn(nowMs: number): void {
    if (nowMs - this.#turnMs < this.windowMs) return;
    const isLongAgo = nowMs - this.#turnMs >= 2 * this.windowMs;
    this.#previous = isLongAgo ? new Set() : this.#current;
    this.#current = new Set();
    this.#turnMs = nowMs;
  }
}
