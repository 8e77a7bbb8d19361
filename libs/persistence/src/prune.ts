import { STATUS_LIST_SIZE } from '@countersign/core';
import type { DataSource, EntityManager } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

/** How long a used assertion is kept past its expiry: no verifier's clock is further behind. */
const EXPIRED_ASSERTION_MARGIN_MS = 5 * 60_000;

// A follower that was cut off for longer loads everything anew.
const CHANGES_KEPT = '1 hour';
const LOCK_KEY = 7_266_842_912;

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
 * tokens in status lists, and full lists without any. While another replica does it, this returns
 * null at once.
 *
 * @throws {DependencyUnavailable}
 */
export function pruneExpired(dataSource: DataSource): Promise<Pruned | null> {
  return withDatabaseFailures(() =>
    dataSource.transaction(async (manager) => {
      const [lock] = await manager.query<{ taken: boolean }[]>(
        'SELECT pg_try_advisory_xact_lock($1) AS taken',
        [LOCK_KEY],
      );
      if (!lock?.taken) return null;
      // Always the oldest ones without a hole, whatever order the clocks gave them.
      const changes = await deleted(
        manager,
        `DELETE FROM changes WHERE position < coalesce(
           (SELECT min(position) FROM changes WHERE occurred_at >= now() - $1::interval),
           (SELECT max(position) FROM changes))`,
        [CHANGES_KEPT],
      );
      const revocations = await deleted(
        manager,
        'DELETE FROM revocations WHERE expires_at < now()',
      );
      const idempotencyKeys = await deleted(
        manager,
        'DELETE FROM idempotency_keys WHERE expires_at < now()',
      );
      const refreshTokens = await deleted(
        manager,
        'DELETE FROM refresh_tokens WHERE absolute_expires_at < now()',
      );
      const usedClientAssertions = await deleted(
        manager,
        `DELETE FROM used_client_assertions WHERE expires_at < now() - $1 * interval '1 millisecond'`,
        [EXPIRED_ASSERTION_MARGIN_MS],
      );
      const tokenStatuses = await deleted(
        manager,
        `DELETE FROM token_statuses WHERE expires_at < now() - $1 * interval '1 millisecond'`,
        [EXPIRED_ASSERTION_MARGIN_MS],
      );
      // A list that has room goes on: its places are given out once, as long as it is there.
      const statusLists = await deleted(
        manager,
        `DELETE FROM status_lists WHERE allocated = $1 AND NOT EXISTS
           (SELECT FROM token_statuses WHERE list_id = status_lists.id)`,
        [STATUS_LIST_SIZE],
      );
      return {
        changes,
        revocations,
        idempotencyKeys,
        refreshTokens,
        usedClientAssertions,
        tokenStatuses,
        statusLists,
      };
    }),
  );
}

async function deleted(manager: EntityManager, sql: string, values: unknown[] = []) {
  const [, count] = await manager.query<[unknown, number]>(sql, values);
  return count;
}
