import type { RevocationType } from '@countersign/contracts';
import type { Change } from '../changes/change.js';
import type { ChangeSink } from '../changes/change-sink.js';
import { Interned } from './interned.js';
import type { Revocation } from './revocation.js';

/** What one snapshot of the database has. */
export interface LoadedRevocations {
  /** Last position of the change feed in that snapshot. */
  readonly position: number;
  /** All that have not expired, ordered by position. */
  readonly revocations: Iterable<Revocation>;
}

export type LoadRevocations = () => Promise<LoadedRevocations>;

/** Leaves out of the log what does not concern whoever asks. */
export interface RevocationFilter {
  /** Only what may hit a token for this audience. */
  readonly audience?: string | undefined;
  /** Only what concerns this organization, or all. */
  readonly organizationId?: string | undefined;
  /** How many at most. */
  readonly limit: number;
}

/** A part of the log, in order. */
export interface RevocationsAfter {
  readonly revocations: readonly Revocation[];
  /** Everything up to here was looked at: where the next part begins. */
  readonly position: number;
  /** Whether the next part would have any. */
  readonly more: boolean;
}

/** Who is told of what the log takes in, in the same turn. Must not throw. */
export interface RevocationListener {
  /**
   * The log has everything up to `position`.
   * @param revocation the one at this position; null: the change there revoked nothing
   */
  applied(position: number, revocation: Revocation | null): void;
  /** The log was loaded anew, and may have lost what the database has lost. */
  reset(): void;
}

/** All revocations that are in force, in memory, by position. Kept right by the change feed. */
export class RevocationLog implements ChangeSink {
  readonly #load: LoadRevocations;
  readonly #listeners = new Set<RevocationListener>();
  #revocations: Revocation[] = [];
  /** Of tokens, and of signing keys that are compromised. */
  #ids = new Set<string>();
  #interned = new Interned();
  #position = -1;

  constructor(load: LoadRevocations) {
    this.#load = load;
  }

  /** The log has every revocation up to here; -1 before it was loaded. */
  get position(): number {
    return this.#position;
  }

  get size(): number {
    return this.#revocations.length;
  }

  /** Whether the token with this id is revoked, or the signing key with this one compromised. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** What comes after `position`, from the oldest on. */
  entriesAfter(position: number, filter: RevocationFilter): RevocationsAfter {
    const revocations: Revocation[] = [];
    for (let index = this.#indexAfter(position); index < this.#revocations.length; index += 1) {
      const revocation = this.#revocations[index];
      if (revocation === undefined || !concerns(revocation, filter)) continue;
      if (revocations.length === filter.limit) {
        return { revocations, position: revocations.at(-1)?.position ?? position, more: true };
      }
      revocations.push(revocation);
    }
    return { revocations, position: Math.max(position, this.#position), more: false };
  }

  /** @returns what ends it */
  subscribe(listener: RevocationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  apply({ position, revocation }: Change): void {
    // It was in the snapshot already.
    if (position <= this.#position) return;
    this.#position = position;
    const known = revocation && this.#interned.of(revocation);
    if (known !== null) this.#add(known);
    for (const listener of this.#listeners) listener.applied(position, known);
  }

  async reset(): Promise<void> {
    const { position, revocations } = await this.#load();
    this.#revocations = [];
    this.#ids = new Set();
    this.#interned = new Interned();
    for (const revocation of revocations) this.#add(this.#interned.of(revocation));
    this.#position = position;
    for (const listener of this.#listeners) listener.reset();
  }

  /**
   * Drops what has expired.
   * @param nowMs milliseconds since the epoch
   */
  prune(nowMs: number): void {
    const dropped = new Set<string>();
    const alive = this.#revocations.filter(({ type, id, expiresAt }) => {
      if (expiresAt * 1000 >= nowMs) return true;
      if (isLookedUp(type)) dropped.add(id);
      return false;
    });
    if (alive.length === this.#revocations.length) return;
    this.#revocations = alive;
    // An issuer may have used the id again, for a token that lives longer and is revoked as well.
    for (const { type, id } of alive) if (isLookedUp(type)) dropped.delete(id);
    for (const id of dropped) this.#ids.delete(id);
  }

  #add(revocation: Revocation): void {
    this.#revocations.push(revocation);
    if (isLookedUp(revocation.type)) this.#ids.add(revocation.id);
  }

  /** The index of the first revocation after `position`. */
  #indexAfter(position: number): number {
    let low = 0;
    let high = this.#revocations.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#revocations[middle]?.position ?? Infinity) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What else is revoked is told by the state of what a token hangs on. */
function isLookedUp(type: RevocationType): boolean {
  return type === 'jti' || type === 'kid';
}

function concerns(
  { audiences, organizationId }: Revocation,
  { audience, organizationId: asked }: RevocationFilter,
): boolean {
  if (audience !== undefined && audiences !== null && !audiences.includes(audience)) return false;
  return asked === undefined || organizationId === null || organizationId === asked;
}
