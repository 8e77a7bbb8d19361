import type { KeyStateReading, ReadKeyState } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { batchReads } from './batch-reads.js';
import { type KeyStateRow, keyStateOf } from './key-state-row.js';
import { withDatabaseFailures } from './map-database-failure.js';
import { poolOf } from './pool-of.js';

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
  return batchReads((versionIds) => readKeyStates(dataSource, versionIds), {
    ...options,
    size: BATCH_SIZE,
  });
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
    version.secret_hash,
    key.id               AS key_id,
    key.status           AS key_status,
    key.expires_at       AS key_expires_at,
    key.created_at       AS key_created_at,
    key.authentication,
    key.environment,
    key.scopes           AS key_scopes,
    key.audiences,
    key.restrictions,
    key.metadata         AS key_metadata,
    principal.id         AS principal_id,
    principal.type       AS principal_type,
    principal.name       AS principal_name,
    principal.external_id,
    principal.status     AS principal_status,
    principal.scopes     AS principal_scopes,
    principal.metadata   AS principal_metadata,
    organization.id      AS organization_id,
    organization.status  AS organization_status,
    held.role_ids,
    held.roles,
    held.role_scopes,
    acts_for.audiences   AS acts_for
  FROM change_head AS head
  LEFT JOIN api_key_versions AS version ON version.id = ANY ($1)
  LEFT JOIN api_keys AS key ON key.id = version.api_key_id
  LEFT JOIN principals AS principal ON principal.id = key.principal_id
  LEFT JOIN organizations AS organization ON organization.id = principal.organization_id
  CROSS JOIN LATERAL (
    SELECT
      array_agg(role.id ORDER BY role.name)   AS role_ids,
      array_agg(role.name ORDER BY role.name) AS roles,
      jsonb_agg(role.scopes)                 AS role_scopes
    FROM principal_roles
    JOIN roles AS role ON role.id = principal_roles.role_id
    WHERE principal_roles.principal_id = principal.id
  ) AS held
  CROSS JOIN LATERAL (
    SELECT array_agg(resource_server.audience) AS audiences
    FROM resource_server_principals
    JOIN resource_servers AS resource_server
      ON resource_server.id = resource_server_principals.resource_server_id
    WHERE resource_server_principals.principal_id = principal.id
  ) AS acts_for
  WHERE head.id = 1`;
