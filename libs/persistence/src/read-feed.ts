import type { Change, ChangeKind } from '@countersign/core';
import type pg from 'pg';
import { REVOCATION_COLUMNS, type RevocationRow, revocationOf } from './revocation-row.js';

/** An entry of the feed as one snapshot had it. */
export interface FeedEntry {
  readonly change: Change;
  /**
   * Tells this entry from another at the same position. A standby that took over may have lost the
   * last commits, and given their positions to others.
   */
  readonly mark: string;
}

/** What one look at the feed saw. */
export interface FeedView {
  /** Last position that was given out. */
  readonly head: number;
  /** Whether the registration was there that the look was to renew. */
  readonly renewed: boolean;
  /** In order, from the position that was asked for, that one included. */
  readonly entries: readonly FeedEntry[];
}

/** A registration, and what it shall say from now on. */
export interface Renewal {
  readonly replicaId: string;
  readonly appliedPosition: number;
}

interface EntryRow {
  readonly head: string;
  readonly renewed?: boolean;
  readonly position: string | null;
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly occurred_at: string;
}

type FeedRow = EntryRow & (RevocationRow | { readonly revocation_position: null });

const ENTRY = `entry.position, entry.kind, entry.subject, entry.occurred_at::text, ${REVOCATION_COLUMNS}`;

// One statement, so one snapshot: without new entries, the head says whether that is all.
const FROM_FEED = `
  FROM change_head AS head
  LEFT JOIN LATERAL (
    SELECT * FROM changes WHERE changes.position >= $1 ORDER BY changes.position LIMIT $2
  ) AS entry ON true
  LEFT JOIN revocations AS revocation ON revocation.position = entry.position
  WHERE head.id = 1
  ORDER BY entry.position`;

const READ_FEED = `SELECT head.position AS head, ${ENTRY} ${FROM_FEED}`;

// One round trip, and one commit. The snapshot is older than the commit, as the lease wants it: it
// counts from before this was sent, and so from before the snapshot.
const RENEW_AND_READ_FEED = `
  WITH renewed AS (
    UPDATE replicas SET seq = seq + 1, applied_position = $4 WHERE id = $3 RETURNING id
  )
  SELECT EXISTS (SELECT FROM renewed) AS renewed, head.position AS head, ${ENTRY} ${FROM_FEED}`;

const READ_HEAD = `
  SELECT head.position AS head, ${ENTRY}
  FROM change_head AS head
  LEFT JOIN changes AS entry ON entry.position = head.position
  LEFT JOIN revocations AS revocation ON revocation.position = entry.position
  WHERE head.id = 1`;

/** Reads the feed from `position` on, at most `limit` entries after it; with that, renews a lease. */
export async function readFeed(
  client: pg.ClientBase,
  position: number,
  limit: number,
  renewal?: Renewal,
): Promise<FeedView> {
  const range = [position, limit + 1];
  if (renewal === undefined) return viewOf(await client.query<FeedRow>(READ_FEED, range));
  const { replicaId, appliedPosition } = renewal;
  const values = [...range, replicaId, appliedPosition];
  return viewOf(await client.query<FeedRow>(RENEW_AND_READ_FEED, values));
}

/** Reads the head alone, with the entry at its position, if there is one. */
export async function readHead(client: pg.ClientBase): Promise<FeedView> {
  return viewOf(await client.query<FeedRow>(READ_HEAD));
}

function viewOf({ rows }: pg.QueryResult<FeedRow>): FeedView {
  const [first] = rows;
  if (first === undefined) throw new Error('change_head has no row: the schema is damaged');
  const entries = rows.flatMap((row) => (row.position === null ? [] : [entryOf(row)]));
  return { head: Number(first.head), renewed: first.renewed ?? false, entries };
}

function entryOf(row: FeedRow): FeedEntry {
  const { kind, subject } = row;
  const revocation = row.revocation_position === null ? null : revocationOf(row);
  return {
    change: { position: Number(row.position), kind, subject, revocation },
    mark: `${kind} ${subject} ${row.occurred_at}`,
  };
}
