import type {
  EntityStatus,
  Environment,
  KeyAuthentication,
  Metadata,
  PrincipalType,
  Restrictions,
} from '@countersign/contracts';
import type { KeyState } from '@countersign/core';
import type { StoredKeyStatus } from './entities/index.js';

const NONE: readonly string[] = Object.freeze([]);

interface HeadRow {
  readonly position: string;
}

// With a version, all that it refers to is there: foreign keys see to it.
export interface KeyRow extends HeadRow {
  readonly version_id: string;
  readonly version_expires_at: Date | null;
  readonly secret_hash: string | null;
  readonly key_id: string;
  readonly key_status: StoredKeyStatus;
  readonly key_expires_at: Date | null;
  readonly key_created_at: Date;
  readonly authentication: KeyAuthentication | null;
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

/** A row of the cold read: a version with all that it refers to, or the head of the feed alone. */
export type KeyStateRow = KeyRow | (HeadRow & { readonly version_id: null });

/** The state in a row, as the core has it. */
export function keyStateOf(row: KeyRow): KeyState {
  return Object.freeze({
    versionId: row.version_id,
    versionExpiresAtMs: expiryMs(row.version_expires_at),
    secretHash: row.secret_hash,
    keyId: row.key_id,
    keyStatus: row.key_status,
    keyExpiresAtMs: expiryMs(row.key_expires_at),
    keyCreatedAtMs: row.key_created_at.getTime(),
    authentication: row.authentication,
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
