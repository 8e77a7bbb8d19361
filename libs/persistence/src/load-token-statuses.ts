import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

/** A token that has a place in a list. */
export interface RegisteredToken {
  readonly idx: number;
  readonly jti: string;
  readonly rootIds: readonly string[];
  /** Its claim `derived_from`. */
  readonly derivedFrom: readonly string[];
  /** Its claim `pos`. */
  readonly feedPosition: number;
}

interface Row {
  readonly idx: number | null;
  readonly jti: string;
  readonly root_ids: string[];
  readonly derived_from: string[];
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
      `SELECT token.idx, token.jti, token.root_ids, token.derived_from, token.feed_position
       FROM status_lists AS list
       LEFT JOIN token_statuses AS token
         ON token.list_id = list.id AND token.expires_at > now()
       WHERE list.id = $1`,
      [listId],
    );
    if (rows.length === 0) return undefined;
    return rows.flatMap(tokenOf);
  });
}

/** None where the row is that of a list without tokens. */
function tokenOf({ idx, jti, root_ids, derived_from, feed_position }: Row): RegisteredToken[] {
  if (idx === null) return [];
  const feedPosition = Number(feed_position);
  return [{ idx, jti, rootIds: root_ids, derivedFrom: derived_from, feedPosition }];
}

/** The ids of all lists. @throws {DependencyUnavailable} */
export function loadStatusListIds(dataSource: DataSource): Promise<string[]> {
  return withDatabaseFailures(async () => {
    const rows = await dataSource.query<{ id: string }[]>('SELECT id FROM status_lists');
    return rows.map(({ id }) => id);
  });
}
