import { ID_PREFIXES } from '@countersign/contracts';
import type { KeyStateReading, ReadKeyState } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { batchReads } from './batch-reads.js';
import { type KeyStateRow, keyStateOf } from './key-state-row.js';
import { withDatabaseFailures } from './map-database-failure.js';
import { poolOf } from './pool-of.js';
import { PRINCIPAL_COLUMNS, PRINCIPAL_JOINS } from './principal-state-sql.js';
import { readIdentityStates } from './read-identity-states.js';

// More in one statement saves nothing: the parse and the round trip are shared by enough.
const BATCH_SIZE = 100;

export interface ReadKeyStateOptions {
  /** Connections of the pool that reads may hold at a time; the rest is left for everything else. */
  readonly concurrency: number;
  /** Longest wait for one of them. */
  readonly maxWaitMs: number;
}

/** The cold read of the hot path, by a prepared statement; reads at the same time share one. */
export function createReadKeyState(
  dataSource: DataSource,
  options: ReadKeyStateOptions,
): ReadKeyState {
  const keys = batchReads((versionIds) => readKeyStates(dataSource, versionIds), {
    ...options,
    size: BATCH_SIZE,
  });
  // One connection of its own: neither kind waits for a rush of the other.
  const identities = batchReads((ids) => readIdentityStates(dataSource, ids), {
    ...options,
    concurrency: 1,
    size: BATCH_SIZE,
  });
  return (id) => (id.startsWith(ID_PREFIXES.federatedIdentity) ? identities(id) : keys(id));
}

function readKeyStates(
  dataSource: DataSource,
  versionIds: readonly string[],
): Promise<KeyStateReading[]> {
  return withDatabaseFailures(async () => {
    const { rows } = await poolOf(dataSource).query<KeyStateRow>({
      name: 'countersign_read_key_states',
      text: READ_KEY_STATES,
      values: [versionIds],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('change_head has no row: the schema is damaged');
    const position = Number(row.position);
    const states = new Map(
      rows.map((each) => [each.version_id, each.version_id === null ? null : keyStateOf(each)]),
    );
    return versionIds.map((id) => ({ state: states.get(id) ?? null, position }));
  });
}

/**
 * One statement, so one snapshot: the position of the feed is the one that this state has. Every
 * look-up is by a primary key or an index. There is always a row: without a version it is the
 * head's alone.
 */
export const READ_KEY_STATES = `
  SELECT
    head.position,
    version.id           AS version_id,
    version.expires_at   AS version_expires_at,
    version.ended        AS version_ended,
    version.secret_hash,
    key.id               AS key_id,
    key.status           AS key_status,
    key.expires_at       AS key_expires_at,
    key.created_at       AS key_created_at,
    key.authentication,
    key.certificate_thumbprints,
    key.certificate_bound_access_tokens,
    key.environment,
    key.scopes           AS key_scopes,
    key.audiences,
    key.restrictions,
    key.metadata         AS key_metadata,
    ${PRINCIPAL_COLUMNS}
  FROM change_head AS head
  LEFT JOIN api_key_versions AS version ON version.id = ANY ($1)
  LEFT JOIN api_keys AS key ON key.id = version.api_key_id
  LEFT JOIN principals AS principal ON principal.id = key.principal_id
  ${PRINCIPAL_JOINS}
  WHERE head.id = 1`;
