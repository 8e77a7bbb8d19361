import type { ResourceServerPolicy } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { ResourceServerEntity } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * What each resource server asks of its tokens.
 * @throws {DependencyUnavailable}
 */
export function loadResourceServers(dataSource: DataSource): Promise<ResourceServerPolicy[]> {
  return withDatabaseFailures(() =>
    dataSource.manager.find(ResourceServerEntity, {
      select: {
        audience: true,
        scopes: true,
        accessTokenTtlSeconds: true,
        signingAlg: true,
        tokenTyp: true,
      },
    }),
  );
}
