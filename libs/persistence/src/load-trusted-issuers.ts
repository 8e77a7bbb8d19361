import type { TrustedIssuerPolicy } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { TrustedIssuerEntity } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * How far each issuer is trusted.
 * @throws {DependencyUnavailable}
 */
export function loadTrustedIssuers(dataSource: DataSource): Promise<TrustedIssuerPolicy[]> {
  return withDatabaseFailures(async () => {
    const rows = await dataSource.manager.find(TrustedIssuerEntity);
    return rows.map((row) => ({
      id: row.id,
      issuer: row.issuer,
      status: row.status,
      jwksUri: row.jwksUri,
      jwks: row.jwks,
      discovery: row.discovery,
      algorithms: row.algorithms,
      audienceClaim: row.audienceClaim,
      audiences: row.audiences,
      targetAudiences: row.targetAudiences,
      scopes: row.scopes,
      mapping: row.mapping,
      provisioning: row.provisioning,
      organizationId: row.organizationId,
    }));
  });
}
