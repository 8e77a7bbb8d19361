import type { ResourceServerPolicy } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { ResourceServerEntity } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * What each resource server asks of its tokens.
 * @throws {DependencyUnavailable}
 */
export function loadResourceServers(dataSource: DataSource): Promise<ResourceServerPolicy[]> {
  return withDatabaseFailures(async () => {
    const rows = await dataSource.manager.find(ResourceServerEntity);
    return rows.map(policyOf);
  });
}

function policyOf(row: ResourceServerEntity): ResourceServerPolicy {
  const { refreshIdleTtlSeconds, refreshAbsoluteTtlSeconds } = row;
  return {
    audience: row.audience,
    scopes: row.scopes,
    accessTokenTtlSeconds: row.accessTokenTtlSeconds,
    signingAlg: row.signingAlg,
    tokenTyp: row.tokenTyp,
    tokenStatusList: row.tokenStatusList,
    refreshTokens:
      refreshIdleTtlSeconds === null || refreshAbsoluteTtlSeconds === null
        ? null
        : {
            idleTtlSeconds: refreshIdleTtlSeconds,
            absoluteTtlSeconds: refreshAbsoluteTtlSeconds,
          },
    protectedResourceMetadata:
      row.protectedResourceMetadata === null
        ? undefined
        : { resource_name: row.name, ...row.protectedResourceMetadata },
  };
}
