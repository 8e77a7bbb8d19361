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
    principal_ids: sortedSet(principalIds),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
