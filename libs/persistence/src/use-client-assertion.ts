import { createHash } from 'node:crypto';
import type { UseClientAssertion } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';
import { poolOf } from './pool-of.js';

/**
 * Marks assertions as used in the one place that all replicas share and that outlives them: of two
 * that use the same at the same time, the primary key lets one through.
 * @see RFC 7523 §3, item 7
 */
export function createUseClientAssertion(dataSource: DataSource): UseClientAssertion {
  return (clientId, jti, expiresAt) =>
    withDatabaseFailures(async () => {
      const { rowCount } = await poolOf(dataSource).query({
        name: 'countersign_use_client_assertion',
        text: USE_CLIENT_ASSERTION,
        values: [digestOf(clientId, jti), expiresAt],
      });
      return rowCount === 1;
    });
}

// A client chooses its `jti`, at whatever length; the id of a key has no space.
function digestOf(clientId: string, jti: string): string {
  return createHash('sha256').update(`${clientId} ${jti}`).digest('base64url');
}

const USE_CLIENT_ASSERTION = `
  INSERT INTO used_client_assertions (digest, expires_at) VALUES ($1, $2)
  ON CONFLICT (digest) DO NOTHING`;
