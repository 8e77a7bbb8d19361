import { STATUS_LIST_SIZE } from '@countersign/core';
import type { DataSource, EntityManager } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

/** How long a used assertion is kept past its expiry: no verifier's clock is further behind. */
const EXPIRED_ASSERTION_MARGIN_MS = 5 * 60_000;

// A follower that was cut off for longer loads everything anew.
const CHANGES_KEPT = '1 hour';
const LOCK_KEY = 7_266_842_912;
/** Rows of a table that one statement deletes, so that none takes longer than a statement may. */
const BATCH = 10_000;
/** Then others have their turn; the next run goes on. */
const ROUNDS_MAX = 100;

/** Rows that were deleted. */
export interface Pruned {
  readonly changes: number;
  readonly revocations: number;
  readonly idempotencyKeys: number;
  readonly refreshTokens: number;
  readonly usedClientAssertions: number;
  readonly tokenStatuses: number;
  readonly statusLists: number;
}

/**
 * Deletes what nobody needs any more: old entries of the change feed (the newest stays, so that a
 * follower sees what it missed), revocations that nothing alive can meet, refresh tokens that have
 * expired, answers kept for retries, client assertions that no clock takes for valid, the places of expired
 * tokens in status lists, and full lists without any. Round by round, each a transaction, so that a
 * backlog is worked off however long it is. While another replica does it, this returns null at once.
 *
 * @throws {DependencyUnavailable}
 */
export async function pruneExpired(dataSource: DataSource): Promise<Pruned | null> {
  let total: Pruned | null = null;
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const pruned = await withDatabaseFailures(() => dataSource.transaction(pruneRound));
    if (pruned === null) return total;
    total = total === null ? pruned : sumOf(total, pruned);
    if (Object.values(pruned).every((count) => count < BATCH)) return total;
  }
  return total;
}

async function pruneRound(manager: EntityManager): Promise<Pruned | null> {
  const [lock] = await manager.query<{ taken: boolean }[]>(
    'SELECT pg_try_advisory_xact_lock($1) AS taken',
    [LOCK_KEY],
  );
  if (!lock?.taken) return null;
  const margin = `now() - interval '${EXPIRED_ASSERTION_MARGIN_MS} milliseconds'`;
  return {
    // Always the oldest ones without a hole, whatever order the clocks gave them.
    changes: await deleted(
      manager,
      `DELETE FROM changes WHERE position < least(
         (SELECT min(position) FROM changes) + ${BATCH},
         coalesce((SELECT min(position) FROM changes WHERE occurred_at >= now() - $1::interval),
                  (SELECT max(position) FROM changes)))`,
      [CHANGES_KEPT],
    ),
    revocations: await deleteSome(manager, 'revocations', 'expires_at < now()'),
    idempotencyKeys: await deleteSome(manager, 'idempotency_keys', 'expires_at < now()'),
    refreshTokens: await deleteSome(manager, 'refresh_tokens', 'absolute_expires_at < now()'),
    usedClientAssertions: await deleteSome(
      manager,
      'used_client_assertions',
      `expires_at < ${margin}`,
    ),
    tokenStatuses: await deleteSome(manager, 'token_statuses', `expires_at < ${margin}`),
    // A list that has room goes on: its places are given out once, as long as it is there.
    statusLists: await deleteSome(
      manager,
      'status_lists',
      `allocated = ${STATUS_LIST_SIZE} AND NOT EXISTS
         (SELECT FROM token_statuses WHERE list_id = status_lists.id)`,
    ),
  };
}

/** @param condition SQL of our own, as the table's name is */
function deleteSome(manager: EntityManager, table: string, condition: string): Promise<number> {
  const some = `SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${BATCH}`;
  return deleted(
    manager,
    `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(${some})) AND ${condition}`,
  );
}

async function deleted(manager: EntityManager, sql: string, values: unknown[] = []) {
  const [, count] = await manager.query<[unknown, number]>(sql, values);
  return count;
}

function sumOf(one: Pruned, other: Pruned): Pruned {
  return {
    changes: one.changes + other.changes,
    revocations: one.revocations + other.revocations,
    idempotencyKeys: one.idempotencyKeys + other.idempotencyKeys,
    refreshTokens: one.refreshTokens + other.refreshTokens,
    usedClientAssertions: one.usedClientAssertions + other.usedClientAssertions,
    tokenStatuses: one.tokenStatuses + other.tokenStatuses,
    statusLists: one.statusLists + other.statusLists,
  };
}
