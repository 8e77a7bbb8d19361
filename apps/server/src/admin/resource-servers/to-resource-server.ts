import type { ResourceServer } from '@countersign/contracts';
import type { ResourceServerEntity } from '@countersign/persistence';
import { sortedSet } from '../sorted-set.js';

/** A resource server as the admin API shows it, with the principals that act for it. */
export function toResourceServer(
  row: ResourceServerEntity,
  principalIds: readonly string[],
): ResourceServer {
  return {
    id: row.id,
    audience: row.audience,
    name: row.name,
    scopes: sortedSet(row.scopes),
    access_token_ttl_seconds: row.accessTokenTtlSeconds,
    signing_alg: row.signingAlg,
    token_typ: row.tokenTyp,
    refresh_tokens: refreshTokensOf(row),
    token_status_list: row.tokenStatusList,
    protected_resource_metadata: row.protectedResourceMetadata,
    principal_ids: sortedSet(principalIds),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function refreshTokensOf(row: ResourceServerEntity): ResourceServer['refresh_tokens'] {
  const { refreshIdleTtlSeconds: idle, refreshAbsoluteTtlSeconds: absolute } = row;
  if (idle === null || absolute === null) return null;
  return { idle_ttl_seconds: idle, absolute_ttl_seconds: absolute };
}
