import { ACCESS_TOKEN_TTL_MAX_SECONDS } from '@countersign/contracts';
import { REVOCATION_MARGIN_SECONDS } from '@countersign/core';
import type { EntityManager } from 'typeorm';
import type { RevokedByChange } from './revoked-by-change.js';

export interface RevocationToInsert extends RevokedByChange {
  readonly position: number;
  /** When what it hits expires by itself; undefined: as late as any token issued before now. */
  readonly expiresAt: Date | undefined;
}

/**
 * Stores revocations. Call it with the head of the feed locked: whoever lets tokens live longer is then
 * through, and seen by this statement, or comes after it.
 */
export async function insertRevocations(
  manager: EntityManager,
  revocations: readonly RevocationToInsert[],
  now: Date,
): Promise<void> {
  if (revocations.length === 0) return;
  await manager.query(INSERT, [
    JSON.stringify(revocations.map(rowOf)),
    now,
    ACCESS_TOKEN_TTL_MAX_SECONDS,
    REVOCATION_MARGIN_SECONDS,
  ]);
}

// Every signing key knows how long a token that it signed can live; without keys there is only the
// longest that can be configured.
const INSERT = `
  WITH longest AS (
    SELECT coalesce(max(longest_ttl_seconds), $3) * interval '1 second' AS ttl
    FROM signing_keys WHERE status IN ('next', 'active', 'retiring')
  )
  INSERT INTO revocations
    (position, type, id, final, effective_at, expires_at, audiences, organization_id)
  SELECT position, type, id, final, effective_at,
         coalesce(expires_at, $2::timestamptz + longest.ttl) + $4 * interval '1 second',
         audiences, organization_id
  FROM longest, jsonb_to_recordset($1::jsonb) AS revocation (
    position bigint, type text, id text, final boolean, effective_at timestamptz,
    expires_at timestamptz, audiences text[], organization_id text
  )`;

function rowOf(revocation: RevocationToInsert) {
  const { position, type, id, final, effectiveAt, expiresAt, audiences, organizationId } =
    revocation;
  return {
    position,
    type,
    id,
    final,
    effective_at: effectiveAt ?? null,
    expires_at: expiresAt ?? null,
    audiences: audiences ?? null,
    organization_id: organizationId,
  };
}
