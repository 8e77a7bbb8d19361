import type {
  Environment,
  KeyAuthentication,
  Metadata,
  Restrictions,
} from '@countersign/contracts';
import type { KeyState } from '@countersign/core';
import type { StoredKeyStatus } from './entities/index.js';
import { frozenList } from './frozen-list.js';
import { type PrincipalRow, principalStateOf } from './principal-state-row.js';

interface HeadRow {
  readonly position: string;
}

// With a version, all that it refers to is there: foreign keys see to it.
export interface KeyRow extends HeadRow, PrincipalRow {
  readonly version_id: string;
  readonly version_expires_at: Date | null;
  readonly version_ended: boolean;
  readonly secret_hash: string | null;
  readonly key_id: string;
  readonly key_status: StoredKeyStatus;
  readonly key_expires_at: Date | null;
  readonly key_created_at: Date;
  readonly authentication: KeyAuthentication | null;
  readonly certificate_thumbprints: string[];
  readonly certificate_bound_access_tokens: boolean;
  readonly environment: Environment;
  readonly key_scopes: string[];
  readonly audiences: string[];
  readonly restrictions: Restrictions | null;
  readonly key_metadata: Metadata;
}

/** A row of the cold read: a version with all that it refers to, or the head of the feed alone. */
export type KeyStateRow = KeyRow | (HeadRow & { readonly version_id: null });

/** The state in a row, as the core has it. */
export function keyStateOf(row: KeyRow): KeyState {
  return Object.freeze({
    kind: 'api_key',
    versionId: row.version_id,
    versionExpiresAtMs: expiryMs(row.version_expires_at),
    versionEnded: row.version_ended,
    secretHash: row.secret_hash,
    keyId: row.key_id,
    keyStatus: row.key_status,
    keyExpiresAtMs: expiryMs(row.key_expires_at),
    keyCreatedAtMs: row.key_created_at.getTime(),
    authentication: row.authentication,
    certificateThumbprints: frozenList(row.certificate_thumbprints),
    certificateBoundAccessTokens: row.certificate_bound_access_tokens,
    environment: row.environment,
    keyScopes: frozenList(row.key_scopes),
    audiences: frozenList(row.audiences),
    restrictions: row.restrictions,
    keyMetadata: row.key_metadata,
    ...principalStateOf(row),
  });
}

function expiryMs(expiresAt: Date | null): number {
  return expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt.getTime();
}
