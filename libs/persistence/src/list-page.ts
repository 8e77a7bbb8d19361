import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

export interface PageRequest {
  /** Rows at most, at least 1. */
  readonly limit: number;
  /** `nextCursor` of the page before; none: the first page. */
  readonly cursor?: string | undefined;
}

export interface ListedPage<Row> {
  /** Newest first. */
  readonly rows: Row[];
  /** null on the last page. */
  readonly nextCursor: string | null;
}

/** The cursor is none that this service made. */
export class MalformedCursor extends Error {
  override readonly name = 'MalformedCursor';

  constructor() {
    super('the cursor is not a next_cursor of this list');
  }
}

const ID = /^[\w-]{1,64}$/;

/**
 * One page of what `query` selects, newest first: ids hold a ULID, so that they sort by time. Adds
 * the order and the bound to the query; a page costs the same however far into the list it is.
 *
 * @param query with its conditions; an OR among them inside `Brackets`, or the bound would be part of it
 * @param idProperty the property of the main entity that is its primary key
 * @throws {MalformedCursor}
 */
export async function listPage<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  idProperty: keyof Row & string,
  { limit, cursor }: PageRequest,
): Promise<ListedPage<Row>> {
  const id = `${query.alias}.${idProperty}`;
  if (cursor !== undefined) query.andWhere(`${id} < :beforeId`, { beforeId: readCursor(cursor) });
  query.orderBy(id, 'DESC').take(limit + 1);

  const found = await withDatabaseFailures(() => query.getMany());
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const nextCursor = found.length > limit && last ? writeCursor(String(last[idProperty])) : null;
  return { rows, nextCursor };
}

function writeCursor(id: string): string {
  return Buffer.from(id, 'utf8').toString('base64url');
}

function readCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!ID.test(id) || writeCursor(id) !== cursor) throw new MalformedCursor();
  return id;
}
