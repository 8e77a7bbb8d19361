import { LRUCache } from 'lru-cache';
import type { Change } from '../changes/change.js';
import type { ChangeSink } from '../changes/change-sink.js';
import { RecentChanges } from '../changes/recent-changes.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { CredentialState } from './credential-state.js';
import { KeySlot } from './key-slot.js';
import type { KeyStateReading, ReadKeyState } from './read-key-state.js';
import { SlotIndex, subjectsOf } from './slot-index.js';

// A reading is overtaken only by a change of the very same key; three times in a row is a storm.
const READ_ATTEMPTS = 3;
// Unknown ids come from attackers and from typing errors: they must not drive out keys in use.
const UNKNOWN_SHARE = 0.05;
const UNKNOWN_TTL_MS = 60_000;

export interface KeyStatesOptions {
  readonly readKeyState: ReadKeyState;
  readonly issuer: string;
  /** Key versions and identities held in memory, at most. */
  readonly capacity: number;
}

/** A key version or identity in memory: its place, and the state that it had at the moment it was found. */
export interface FoundKey {
  readonly slot: KeySlot;
  readonly state: CredentialState;
}

/**
 * The state of key versions and federated identities in memory, kept right by the change feed. Ids of
 * both kinds never collide: one begins with `fid_`, the other has no underscore.
 * A state that was read before
 * a change is never kept, nor answered, once that change has been applied: each reading carries the
 * position of the feed in its own snapshot, and is compared with what was applied since.
 */
export class KeyStates implements ChangeSink {
  readonly #options: KeyStatesOptions;
  readonly #slots: LRUCache<string, KeySlot>;
  readonly #unknown: LRUCache<string, true>;
  readonly #byDigest = new Map<string, KeySlot>();
  readonly #index = new SlotIndex();
  readonly #recent = new RecentChanges();
  readonly #underWay = new Map<string, Promise<FoundKey | null>>();
  #uses = new Map<string, Date>();
  #epoch = 0;
  /** Readings from the database since the start. */
  reads = 0;

  constructor(options: KeyStatesOptions) {
    this.#options = options;
    // With `max`, memory for all of them would be taken at the start.
    this.#slots = new LRUCache({
      maxSize: options.capacity,
      sizeCalculation: () => 1,
      dispose: (slot) => this.#forget(slot),
    });
    this.#unknown = new LRUCache({
      max: Math.max(1_000, Math.floor(options.capacity * UNKNOWN_SHARE)),
      ttl: UNKNOWN_TTL_MS,
    });
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The slot of the key version whose secret the key with this digest was seen to match. */
  byDigest(digest: string): KeySlot | undefined {
    return this.#byDigest.get(digest);
  }

  /** Tells the cache that a slot is in use; once a second is enough to keep it from eviction. */
  touch(slot: KeySlot, nowMs: number): void {
    slot.usedAtMs = nowMs;
    const second = Math.floor(nowMs / 1000);
    if (slot.touchedAtSecond === second) return;
    slot.touchedAtSecond = second;
    this.#slots.get(slot.id);
  }

  /** Remembers that the key with this digest matched `secretHash`, the slot's. */
  rememberMatch(slot: KeySlot, digest: string, secretHash: string): void {
    if (this.#slots.peek(slot.id) !== slot) return;
    if (slot.digest !== undefined) this.#byDigest.delete(slot.digest);
    slot.digest = digest;
    slot.matchedHash = secretHash;
    this.#byDigest.set(digest, slot);
  }

  /**
   * A version or identity with its state, or null when there is none; from memory where possible.
   * Concurrent calls share one reading.
   * @throws {DependencyUnavailable}
   */
  find(id: string): FoundKey | null | Promise<FoundKey | null> {
    const slot = this.#slots.get(id);
    if (slot?.state) return { slot, state: slot.state };
    if (this.#unknown.get(id)) return null;
    return this.#underWay.get(id) ?? this.#startReading(id);
  }

  /** Hands over when each key was used since the last call, and starts anew. */
  takeUses(): ReadonlyMap<string, Date> {
    for (const slot of this.#slots.values()) this.#noteUse(slot);
    const uses = this.#uses;
    this.#uses = new Map();
    return uses;
  }

  apply(change: Change): void {
    this.#recent.add(change);
    this.#unknown.delete(change.subject);
    const own = this.#slots.peek(change.subject);
    if (own !== undefined) this.#empty(own);
    for (const slot of this.#index.slotsOf(change.subject)) this.#empty(slot);
  }

  reset(): void {
    this.#epoch += 1;
    this.#recent.clear();
    this.#unknown.clear();
    for (const slot of this.#slots.values()) this.#empty(slot);
  }

  #startReading(id: string): Promise<FoundKey | null> {
    const reading = this.#read(id);
    this.#underWay.set(id, reading);
    // Successful ones were ended by #keep.
    reading.catch(() => this.#underWay.delete(id));
    return reading;
  }

  async #read(id: string): Promise<FoundKey | null> {
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt += 1) {
      const epoch = this.#epoch;
      this.reads += 1;
      const reading = await this.#options.readKeyState(id);
      if (epoch === this.#epoch && !this.#wasOvertaken(id, reading)) {
        return this.#keep(id, reading.state);
      }
    }
    throw new DependencyUnavailable('undisturbed reading');
  }

  #wasOvertaken(id: string, { state, position }: KeyStateReading): boolean {
    const subjects = state === null ? [] : subjectsOf(state);
    return this.#recent.anySince(position, [id, ...subjects]);
  }

  #keep(id: string, state: CredentialState | null): FoundKey | null {
    // In the same turn: whoever comes after a change that comes after this must not share it.
    this.#underWay.delete(id);
    if (state === null) {
      this.#unknown.set(id, true);
      return null;
    }
    const slot = this.#slots.get(id) ?? new KeySlot(id, this.#options.issuer);
    slot.state = state;
    this.#index.add(slot, state);
    this.#slots.set(id, slot);
    return { slot, state };
  }

  #noteUse(slot: KeySlot): void {
    if (slot.usedAtMs === 0 || !slot.state) return;
    if (slot.state.kind !== 'api_key') return;
    const { keyId } = slot.state;
    const known = this.#uses.get(keyId);
    if (known === undefined || known.getTime() < slot.usedAtMs) {
      this.#uses.set(keyId, new Date(slot.usedAtMs));
    }
    slot.usedAtMs = 0;
  }

  #empty(slot: KeySlot): void {
    this.#noteUse(slot);
    if (slot.state) this.#index.remove(slot, slot.state);
    slot.clear();
  }

  #forget(slot: KeySlot): void {
    this.#empty(slot);
    if (slot.digest !== undefined) this.#byDigest.delete(slot.digest);
  }
}
