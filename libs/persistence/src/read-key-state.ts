import type {
  EntityStatus,
  Environment,
  Metadata,
  PrincipalType,
  Restrictions,
} from '@countersign/contracts';
import type { KeyState, KeyStateReading, ReadKeyState } from '@countersign/core';
import type { DataSource } from 'typeorm';
import type { StoredKeyStatus } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';
import { poolOf } from './pool-of.js';

const NONE: readonly string[] = Object.freeze([]);

/** The cold read of the hot path, by a prepared statement. The waits are bounded by the pool's. */
export function createReadKeyState(dataSource: DataSource): ReadKeyState {
  return (versionId) =>
    withDatabaseFailures(async () => {
      const { rows } = await poolOf(dataSource).query<KeyStateRow>({
        name: 'countersign_read_key_state',
        text: READ_KEY_STATE,
        values: [versionId],
      });
      const [row] = rows;
      if (row === undefined) throw new Error('change_head has no row: the schema is damaged');
      return readingOf(row);
    });
}

/**
 * One statement, so one snapshot: the position of the feed is the one that this state has. Every
 * look-up is by a primary key or an index. There is always a row: the head's.
 */
export const READ_KEY_STATE = `
  SELECT
    head.position,
    version.id           AS version_id,
    version.expires_at   AS version_expires_at,
    version.secret_hash,
    key.id               AS key_id,
    key.status           AS key_status,
    key.expires_at       AS key_expires_at,
    key.created_at       AS key_created_at,
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
  LEFT JOIN api_key_versions AS version ON version.id = $1
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

interface HeadRow {
  readonly position: string;
}

// With a version, all that it refers to is there: foreign keys see to it.
interface KeyRow extends HeadRow {
  readonly version_id: string;
  readonly version_expires_at: Date | null;
  readonly secret_hash: string;
  readonly key_id: string;
  readonly key_status: StoredKeyStatus;
  readonly key_expires_at: Date | null;
  readonly key_created_at: Date;
  readonly environment: Environment;
  readonly key_scopes: string[];
  readonly audiences: string[];
  readonly restrictions: Restrictions | null;
  readonly key_metadata: Metadata;
  readonly principal_id: string;
  readonly principal_type: PrincipalType;
  readonly principal_name: string;
  readonly external_id: string | null;
  readonly principal_status: EntityStatus;
  readonly principal_scopes: string[];
  readonly principal_metadata: Metadata;
  readonly organization_id: string | null;
  readonly organization_status: EntityStatus | null;
  readonly role_ids: string[] | null;
  readonly roles: string[] | null;
  readonly role_scopes: string[][] | null;
  readonly acts_for: string[] | null;
}

type KeyStateRow = KeyRow | (HeadRow & { readonly version_id: null });

function readingOf(row: KeyStateRow): KeyStateReading {
  const position = Number(row.position);
  return { state: row.version_id === null ? null : stateOf(row), position };
}

function stateOf(row: KeyRow): KeyState {
  return Object.freeze({
    versionId: row.version_id,
    versionExpiresAtMs: expiryMs(row.version_expires_at),
    secretHash: row.secret_hash,
    keyId: row.key_id,
    keyStatus: row.key_status,
    keyExpiresAtMs: expiryMs(row.key_expires_at),
    keyCreatedAtMs: row.key_created_at.getTime(),
    environment: row.environment,
    keyScopes: list(row.key_scopes),
    audiences: list(row.audiences),
    restrictions: row.restrictions,
    keyMetadata: row.key_metadata,
    principalId: row.principal_id,
    principalType: row.principal_type,
    principalName: row.principal_name,
    externalId: row.external_id,
    principalStatus: row.principal_status,
    principalMetadata: row.principal_metadata,
    organizationId: row.organization_id,
    organizationStatus: row.organization_status,
    roleIds: list(row.role_ids),
    roles: list(row.roles),
    grantedScopes: list([...new Set([...row.principal_scopes, ...(row.role_scopes ?? []).flat()])]),
    actsFor: list(row.acts_for),
  });
}

function expiryMs(expiresAt: Date | null): number {
  return expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt.getTime();
}

function list(items: string[] | null): readonly string[] {
  return items === null || items.length === 0 ? NONE : items;
}
