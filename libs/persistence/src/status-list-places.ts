import { type TokenToRegister, scatteredIndex, STATUS_LIST_SIZE } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import { ForeignKeyViolation } from './database-violation.js';
import { withDatabaseFailures } from './map-database-failure.js';

// Places that a process takes at once, so that it does not meet others at each token. What it has left
// when it ends is never given out.
const BLOCK = 32;
const ATTEMPTS = 3;

/** The place of a token. */
export interface StatusListPlace {
  readonly listId: string;
  readonly idx: number;
}

interface Block {
  readonly listId: string;
  readonly seed: string;
  next: number;
  readonly end: number;
}

/** Gives tokens their places in status lists: none twice, for as long as there is the list. */
export class StatusListPlaces {
  #block: Block | undefined;
  #taking: Promise<void> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** @throws {DependencyUnavailable} */
  async register(token: TokenToRegister): Promise<StatusListPlace> {
    for (let attempt = 1; ; attempt += 1) {
      const place = await this.#takePlace();
      try {
        await this.#insert(place, token);
        return place;
      } catch (error) {
        // The list was full and empty of tokens, and is gone: this process was idle for long.
        if (!(error instanceof ForeignKeyViolation) || attempt === ATTEMPTS) throw error;
        this.#block = undefined;
      }
    }
  }

  async #takePlace(): Promise<StatusListPlace> {
    for (;;) {
      const block = this.#block;
      if (block !== undefined && block.next < block.end) {
        // In the turn in which there was seen to be room: many wait for the same block.
        const idx = scatteredIndex(block.next, block.seed);
        block.next += 1;
        return { listId: block.listId, idx };
      }
      this.#taking ??= this.#refill();
      await this.#taking;
    }
  }

  async #refill(): Promise<void> {
    try {
      this.#block = await this.#takeBlock();
    } finally {
      this.#taking = undefined;
    }
  }

  #takeBlock(): Promise<Block> {
    return withDatabaseFailures(async () => {
      const [taken] = await this.dataSource.query<[TakenRow[], number]>(TAKE, [
        BLOCK,
        STATUS_LIST_SIZE,
      ]);
      const [row] = taken;
      if (row !== undefined) return blockOf(row);
      const id = `tsl_${ulid()}`;
      const [begun] = await this.dataSource.query<TakenRow[]>(BEGIN, [id, BLOCK]);
      if (begun === undefined) throw new Error('a status list was not begun');
      return blockOf(begun);
    });
  }

  #insert(place: StatusListPlace, token: TokenToRegister): Promise<unknown> {
    return withDatabaseFailures(() =>
      this.dataSource.query(
        `INSERT INTO token_statuses
           (list_id, idx, jti, root_ids, derived_from, feed_position, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7))`,
        [
          place.listId,
          place.idx,
          token.jti,
          token.rootIds,
          token.derivedFrom,
          token.feedPosition,
          token.expiresAt,
        ],
      ),
    );
  }
}

interface TakenRow {
  readonly id: string;
  readonly seed: string;
  readonly first: number;
}

const TAKE = `
  UPDATE status_lists SET allocated = allocated + $1
  WHERE id = (SELECT id FROM status_lists WHERE allocated + $1 <= $2
              ORDER BY created_at, id LIMIT 1 FOR UPDATE)
  RETURNING id, seed, allocated - $1 AS first`;

const BEGIN = `
  INSERT INTO status_lists (id, seed, allocated, created_at)
  VALUES ($1, gen_random_uuid(), $2, now())
  RETURNING id, seed, 0 AS first`;

function blockOf({ id, seed, first }: TakenRow): Block {
  return { listId: id, seed, next: first, end: first + BLOCK };
}
