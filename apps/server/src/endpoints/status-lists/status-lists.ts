import {
  type CredentialState,
  encodeStatusList,
  type KeyStates,
  type MemoryFreshness,
  type RevocationLog,
  rootTokenStatus,
  STATUS_LIST_SIZE,
  type StatusListSigner,
  TOKEN_STATUS,
  type TokenStatus,
} from '@countersign/core';
import type { RegisteredToken } from '@countersign/persistence';
import { statusListUri } from './status-list-uri.js';

/** How long a verifier may hold a list before it asks for a newer one. */
export const STATUS_LIST_TTL_SECONDS = 30;
/** How long a list may be relied upon at all. */
const LIFETIME_SECONDS = 300;
// However much changes and whoever asks, a list is not made more often.
const MADE_AGAIN_AFTER_MS = 1_000;
const BITS = 2;

export interface StatusListsParts {
  readonly issuer: string;
  readonly states: Pick<KeyStates, 'find'>;
  readonly revocations: Pick<RevocationLog, 'has' | 'position'>;
  readonly freshness: Pick<MemoryFreshness, 'assertFresh'>;
  readonly signer: StatusListSigner;
  readonly loadTokens: (listId: string) => Promise<readonly RegisteredToken[] | undefined>;
  readonly loadIds: () => Promise<readonly string[]>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Made {
  readonly position: number;
  readonly atMs: number;
  readonly token: Promise<string | undefined>;
}

/**
 * Status List Tokens. What a status is, is not stored: it is worked out when a list is made, by the
 * rules and in the memory that decide on each use of a credential. A list is made again when
 * anything has changed since, at most once a second.
 */
export class StatusLists {
  readonly #parts: Required<StatusListsParts>;
  readonly #made = new Map<string, Made>();
  #ids = new Set<string>();
  #idsLoading: Promise<void> | undefined;
  #idsLoadedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: StatusListsParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  /**
   * @returns undefined: there is no such list
   * @throws {DependencyUnavailable}
   */
  async tokenOf(listId: string): Promise<string | undefined> {
    const { freshness, revocations, now } = this.#parts;
    freshness.assertFresh();
    if (!(await this.#exists(listId))) return undefined;
    const nowMs = now();
    const known = this.#made.get(listId);
    if (known !== undefined && this.#isGood(known, nowMs)) return known.token;
    const made = {
      // Before anything is read: what is changed meanwhile makes another.
      position: revocations.position,
      atMs: nowMs,
      token: this.#make(listId, nowMs),
    };
    this.#made.set(listId, made);
    const token = await made.token.catch((error: unknown) => {
      this.#made.delete(listId);
      throw error;
    });
    if (token === undefined) {
      // It was given up since: whoever goes on asking does not reach the database.
      this.#made.delete(listId);
      this.#ids.delete(listId);
    }
    return token;
  }

  #isGood({ position, atMs }: Made, nowMs: number): boolean {
    const ageMs = nowMs - atMs;
    if (ageMs < 0 || ageMs >= STATUS_LIST_TTL_SECONDS * 1000) return false;
    return ageMs < MADE_AGAIN_AFTER_MS || position === this.#parts.revocations.position;
  }

  /** Whoever makes ids up does not reach the database with each. */
  async #exists(listId: string): Promise<boolean> {
    if (this.#ids.has(listId)) return true;
    const isRecent = Math.abs(this.#parts.now() - this.#idsLoadedAtMs) < MADE_AGAIN_AFTER_MS;
    if (isRecent && this.#idsLoading === undefined) return false;
    this.#idsLoading ??= this.#loadIds().finally(() => (this.#idsLoading = undefined));
    await this.#idsLoading;
    return this.#ids.has(listId);
  }

  async #loadIds(): Promise<void> {
    const nowMs = this.#parts.now();
    this.#ids = new Set(await this.#parts.loadIds());
    this.#idsLoadedAtMs = nowMs;
  }

  async #make(listId: string, nowMs: number): Promise<string | undefined> {
    const { loadTokens, freshness, signer, issuer } = this.#parts;
    const tokens = await loadTokens(listId);
    if (tokens === undefined) return undefined;
    const states = await this.#statesOfRoots(tokens);
    freshness.assertFresh();
    const statuses: [number, TokenStatus][] = [];
    for (const token of tokens) {
      const status = this.#statusOf(token, states, nowMs);
      if (status !== TOKEN_STATUS.valid) statuses.push([token.idx, status]);
    }
    const list = encodeStatusList(statuses, STATUS_LIST_SIZE, BITS);
    const times = { lifetimeSeconds: LIFETIME_SECONDS, ttlSeconds: STATUS_LIST_TTL_SECONDS };
    return signer.sign(statusListUri(issuer, listId), list, times, nowMs);
  }

  async #statesOfRoots(
    tokens: readonly RegisteredToken[],
  ): Promise<ReadonlyMap<string, CredentialState | null>> {
    const ids = [...new Set(tokens.flatMap(({ rootIds }) => rootIds))];
    const found = await Promise.all(ids.map(async (id) => this.#parts.states.find(id)));
    return new Map(ids.map((id, at) => [id, found[at]?.state ?? null]));
  }

  /** What is dead for good by any of what it hangs on is so, whatever the others say. */
  #statusOf(
    { jti, derivedFrom, rootIds, feedPosition }: RegisteredToken,
    states: ReadonlyMap<string, CredentialState | null>,
    nowMs: number,
  ): TokenStatus {
    const { revocations } = this.#parts;
    if ([jti, ...derivedFrom].some((id) => revocations.has(id))) return TOKEN_STATUS.invalid;
    const statuses = new Set(
      rootIds.map((id) => rootTokenStatus(states.get(id) ?? null, feedPosition, nowMs)),
    );
    if (statuses.has(TOKEN_STATUS.invalid)) return TOKEN_STATUS.invalid;
    return statuses.has(TOKEN_STATUS.suspended) ? TOKEN_STATUS.suspended : TOKEN_STATUS.valid;
  }
}
