import type { RevocationEntry } from '@countersign/contracts';
import { type RevocationHit, RevocationSet, type VerifiedToken } from '@countersign/verify';
import type { Clock } from '../clock.js';
import { type DisturbanceName, Disturbances } from './disturbances.js';
import type { RevocationSink } from './revocation-feed-parts.js';

const PRUNE_SECONDS = 60;
/** How long an entry is held beyond its end: a wall clock may be put right by less than that. */
const KEEP_SECONDS = 60;

/** What the feed has said so far, as it is asked about tokens and about answers of the service. */
export class RevocationMemory implements RevocationSink {
  readonly #set = new RevocationSet();
  readonly #disturbances: Disturbances;
  /** What begins later, in no order. */
  #pending: RevocationEntry[] = [];
  #pruneSeconds = 0;
  /** NumericDate: what ended before it was dropped, by what the wall clock said then. */
  #droppedSeconds = Number.NEGATIVE_INFINITY;
  /** Of what began since it was added: the set's own version is of what was added. */
  #begun = 0;
  /** NumericDate up to which entries have begun. A wall clock may be set back: they stay begun. */
  #begunSeconds = 0;
  /** Undefined: nothing is known of anybody yet. */
  #organization: string | null | undefined;

  /** @param keepMs how long it is remembered of whom the feed spoke last */
  constructor(
    private readonly clock: Clock,
    keepMs: number,
  ) {
    this.#disturbances = new Disturbances(keepMs);
  }

  get size(): number {
    return this.#set.size;
  }

  /**
   * A number that is another one whenever a hit may be another one.
   * @param nowSeconds NumericDate
   */
  versionAt(nowSeconds: number): number {
    this.#advance(nowSeconds);
    return this.#set.version + this.#begun;
  }

  /**
   * What has become of a token; undefined: nothing that the feed would know of. Never by a moment before
   * the one that the version counts up to: what is remembered by its version would stay too lenient.
   */
  hit({ claims, kid }: VerifiedToken, nowSeconds: number): RevocationHit | undefined {
    return this.#set.hitOf(claims, kid, Math.max(nowSeconds, this.#begunSeconds));
  }

  /**
   * Whether what the feed has said of a token may have been dropped while the token is alive: by a wall
   * clock that was ahead, and was put right.
   * @param expiresAt the token's `exp`
   */
  mayHaveForgotten(expiresAt: number): boolean {
    return expiresAt < this.#droppedSeconds;
  }

  isIncomplete(nowSeconds: number): boolean {
    return nowSeconds < this.#droppedSeconds;
  }

  /** Whether the feed has said that this key was compromised: no token of it is good. */
  isKeyRevoked(kid: string, nowSeconds: number): boolean {
    return this.#set.hit([{ type: 'kid', id: kid }], 0, nowSeconds) !== undefined;
  }

  /**
   * Whether the feed has spoken of one of these at or after this moment of the monotonic clock, or what
   * it had said of one has begun since.
   * @param nowSeconds NumericDate
   */
  haveDisturbed(names: readonly DisturbanceName[], sinceMs: number, nowSeconds: number): boolean {
    this.#advance(nowSeconds);
    return this.#disturbances.haveHit(names, sinceMs);
  }

  /** Of which organization the feed tells; null: of every one; undefined: of none yet. */
  get organization(): string | null | undefined {
    return this.#organization;
  }

  /**
   * Whether the feed would tell what becomes of whom these organizations are named with.
   * @param organizations undefined: it is not known of all
   */
  covers(organizations: readonly string[] | undefined): boolean {
    const only = this.#organization;
    if (only === null) return true;
    if (only === undefined || organizations === undefined) return false;
    for (const organization of organizations) if (organization !== only) return false;
    return true;
  }

  coverIs(organization: string | null): void {
    this.#organization = organization;
  }

  apply(entries: readonly RevocationEntry[]): void {
    const nowMs = this.clock.monotonicMs();
    const nowSeconds = this.clock.wallMs() / 1000;
    for (const entry of entries) {
      this.#set.add(entry);
      this.#disturbances.record(entry, nowMs);
      if ((entry.effective_at ?? 0) > nowSeconds) this.#pending.push(entry);
    }
    // Where nobody shows a token, nothing else does it. No more often: it goes through all that is held.
    if (nowSeconds >= this.#pruneSeconds) this.#advance(nowSeconds);
  }

  reset(): void {
    this.#set.clear();
    this.#disturbances.clear();
    this.#pending = [];
    this.#begunSeconds = 0;
    this.#droppedSeconds = Number.NEGATIVE_INFINITY;
    this.#pruneSeconds = 0;
    this.#organization = undefined;
  }

  #advance(nowSeconds: number): void {
    if (nowSeconds >= this.#set.nextEffectiveAt) this.#begin(nowSeconds);
    if (nowSeconds >= this.#pruneSeconds) this.#prune(nowSeconds);
  }

  /** What begins now is as if the feed said it now. */
  #begin(nowSeconds: number): void {
    const nowMs = this.clock.monotonicMs();
    const later: RevocationEntry[] = [];
    for (const entry of this.#pending) {
      if ((entry.effective_at ?? 0) > nowSeconds) later.push(entry);
      else this.#disturbances.record(entry, nowMs);
    }
    this.#pending = later;
    this.#begun += 1;
    this.#begunSeconds = Math.max(this.#begunSeconds, nowSeconds);
    this.#prune(nowSeconds);
  }

  #prune(nowSeconds: number): void {
    this.#droppedSeconds = Math.max(this.#droppedSeconds, nowSeconds - KEEP_SECONDS);
    this.#set.prune(nowSeconds - KEEP_SECONDS);
    this.#pruneSeconds = nowSeconds + PRUNE_SECONDS;
  }
}
