import type { DataSource } from 'typeorm';
import { ApiKeyVersionEntity } from './entities/index.js';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * Replaces a version's hash by one with today's parameters, if it still is `oldHash`. The change
 * feed is not told: both hashes are of the same secret.
 * @throws {DependencyUnavailable}
 */
export async function storeRehashedSecret(
  dataSource: DataSource,
  versionId: string,
  oldHash: string,
  newHash: string,
): Promise<void> {
  await withDatabaseFailures(() =>
    dataSource.manager.update(
      ApiKeyVersionEntity,
      { id: versionId, secretHash: oldHash },
      { secretHash: newHash },
    ),
  );
}
