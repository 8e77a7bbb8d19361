import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

/** A token that has a place in a list. */
export interface RegisteredToken {
  readonly idx: number;
  readonly jti: string;
  readonly rootIds: readonly string[];
  /** Its claim `pos`. */
  readonly feedPosition: number;
}

interface Row {
  readonly idx: number | null;
  readonly jti: string;
  readonly root_ids: string[];
  readonly feed_position: string;
}

/**
 * The tokens of a list that have not expired; undefined: there is no such list.
 * @throws {DependencyUnavailable}
 */
export function loadTokenStatuses(
  dataSource: DataSource,
  listId: string,
): Promise<RegisteredToken[] | undefined> {
  return withDatabaseFailures(async () => {
    const rows = await dataSource.query<Row[]>(
      `SELECT token.idx, token.jti, token.root_ids, token.feed_position
       FROM status_lists AS list
       LEFT JOIN token_statuses AS token
         ON token.list_id = list.id AND token.expires_at > now()
       WHERE list.id = $1`,
      [listId],
    );
    if (rows.length === 0) return undefined;
    return rows.flatMap(({ idx, jti, root_ids: rootIds, feed_position: feedPosition }) =>
      idx === null ? [] : [{ idx, jti, rootIds, feedPosition: Number(feedPosition) }],
    );
  });
}

/** The ids of all lists. @throws {DependencyUnavailable} */
export function loadStatusListIds(dataSource: DataSource): Promise<string[]> {
  return withDatabaseFailures(async () => {
    const rows = await dataSource.query<{ id: string }[]>('SELECT id FROM status_lists');
    return rows.map(({ id }) => id);
  });
}
