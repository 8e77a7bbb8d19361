import { hash } from 'node:crypto';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { DpopNonces } from './dpop-nonces.js';

const CAPACITY = 1_000_000;

/**
 * The DPoP proofs that this process has accepted, for as long as their nonces are good. Full, it
 * says so: to forget one early would make it good again.
 * @see RFC 9449 §11.1
 */
export class SpentProofs {
  readonly #byEpoch = new Map<number, Set<string>>();

  /** @param capacity proofs held, at most; each takes about 60 bytes */
  constructor(private readonly capacity: number = CAPACITY) {}

  get size(): number {
    let size = 0;
    for (const proofs of this.#byEpoch.values()) size += proofs.size;
    return size;
  }

  /**
   * Remembers a proof, and tells whether it was new.
   * @param epoch of its nonce
   * @throws {DependencyUnavailable} too many proofs are remembered to take another
   */
  add(epoch: number, jkt: string, jti: string, nowMs: number): boolean {
    this.#dropBefore(DpopNonces.oldestEpoch(nowMs));
    const proofs = this.#byEpoch.get(epoch) ?? new Set();
    const id = hash('sha256', `${jkt} ${jti}`, 'binary').slice(0, 16);
    if (proofs.has(id)) return false;
    if (this.size >= this.capacity) throw new DependencyUnavailable('dpop proof memory', 60);
    this.#byEpoch.set(epoch, proofs.add(id));
    return true;
  }

  #dropBefore(oldestEpoch: number): void {
    for (const epoch of this.#byEpoch.keys()) {
      if (epoch < oldestEpoch) this.#byEpoch.delete(epoch);
    }
  }
}
