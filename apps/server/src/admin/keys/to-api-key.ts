import type { ApiKey } from '@countersign/contracts';
import type { ApiKeyEntity, ApiKeyVersionEntity } from '@countersign/persistence';
import { sortedSet } from '../sorted-set.js';
import { keyStatus } from './key-status.js';

/**
 * A key as the admin API shows it: never its secret nor the hash of it.
 * @param versions newest first
 * @param now decides whether it is shown as expired
 */
export function toApiKey(
  row: ApiKeyEntity,
  versions: readonly ApiKeyVersionEntity[],
  now: Date,
): ApiKey {
  return {
    id: row.id,
    principal_id: row.principalId,
    name: row.name,
    scopes: sortedSet(row.scopes),
    environment: row.environment,
    status: keyStatus(row, now),
    audiences: sortedSet(row.audiences),
    restrictions: row.restrictions,
    metadata: row.metadata,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    last_four: versions[0]?.lastFour ?? null,
    authentication: row.authentication,
    certificate_thumbprints: sortedSet(row.certificateThumbprints),
    tls_client_certificate_bound_access_tokens: row.certificateBoundAccessTokens,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    revoked_reason: row.revokedReason,
    versions: versions.map((version) => ({
      id: version.id,
      last_four: version.lastFour,
      created_at: version.createdAt.toISOString(),
      expires_at: version.expiresAt?.toISOString() ?? null,
    })),
  };
}
