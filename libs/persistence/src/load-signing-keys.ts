import type { SigningKeyRecord } from '@countersign/core';
import { type DataSource, In } from 'typeorm';
import { SigningKeyEntity } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * Every signing key that is in use or will be, with its sealed private part; oldest first.
 * @throws {DependencyUnavailable}
 */
export function loadSigningKeys(dataSource: DataSource): Promise<SigningKeyRecord[]> {
  return withDatabaseFailures(() =>
    dataSource.manager.find(SigningKeyEntity, {
      select: { kid: true, alg: true, status: true, publicJwk: true, sealedPrivateJwk: true },
      where: { status: In(['next', 'active', 'retiring']) },
      order: { createdAt: 'ASC', kid: 'ASC' },
    }),
  );
}
