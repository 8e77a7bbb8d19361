import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * Notes when keys were last used; never moves one back, and tells the change feed nothing. Locks the
 * keys in the order of their ids, so that replicas that do it at once cannot deadlock.
 *
 * @param uses latest use by key id; ids that do not exist (any more) are passed over
 * @throws {DependencyUnavailable} also after a deadlock: the same uses may be noted again
 */
export async function recordKeyUse(
  dataSource: DataSource,
  uses: ReadonlyMap<string, Date>,
): Promise<void> {
  if (uses.size === 0) return;
  await withDatabaseFailures(() =>
    dataSource.query(
      `WITH used AS (
         SELECT key.id, noted.at
         FROM unnest($1::text[], $2::timestamptz[]) AS noted (id, at)
         JOIN api_keys AS key ON key.id = noted.id
         WHERE key.last_used_at IS NULL OR key.last_used_at < noted.at
         ORDER BY key.id
         FOR NO KEY UPDATE OF key
       )
       UPDATE api_keys AS key SET last_used_at = greatest(key.last_used_at, used.at)
       FROM used WHERE key.id = used.id`,
      [[...uses.keys()], [...uses.values()]],
    ),
  );
}
