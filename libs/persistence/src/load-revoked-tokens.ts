import type { RevokedToken } from '@countersign/core';
import { type DataSource, MoreThan } from 'typeorm';
import { RevokedTokenEntity } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';
import { EXPIRED_TOKEN_MARGIN_MS } from './prune.js';

/**
 * The revoked tokens that a clock may still take for valid.
 * @param now the service's clock
 * @throws {DependencyUnavailable}
 */
export function loadRevokedTokens(
  dataSource: DataSource,
  now: Date = new Date(),
): Promise<RevokedToken[]> {
  const since = new Date(now.getTime() - EXPIRED_TOKEN_MARGIN_MS);
  return withDatabaseFailures(() =>
    dataSource.manager.find(RevokedTokenEntity, {
      select: { jti: true, expiresAt: true },
      where: { expiresAt: MoreThan(since) },
    }),
  );
}
