import type { LoadedRevocations, Revocation } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';
import { REVOCATION_COLUMNS, type RevocationRow, revocationOf } from './revocation-row.js';

// No statement may take long, nor its rows much memory, however many were revoked.
const BATCH = 10_000;

/**
 * The revocations that are in force, in one snapshot.
 * @param now the service's clock
 * @throws {DependencyUnavailable}
 */
export function loadRevocations(
  dataSource: DataSource,
  now: Date = new Date(),
): Promise<LoadedRevocations> {
  return withDatabaseFailures(() =>
    dataSource.transaction('REPEATABLE READ', async (manager) => {
      const [head] = await manager.query<{ position: string }[]>(
        'SELECT position FROM change_head',
      );
      if (head === undefined) throw new Error('change_head has no row: the schema is damaged');
      const revocations: Revocation[] = [];
      for (;;) {
        const rows = await manager.query<RevocationRow[]>(
          `SELECT ${REVOCATION_COLUMNS} FROM revocations AS revocation
           WHERE position > $1 AND expires_at > $2 ORDER BY position LIMIT ${BATCH}`,
          [revocations.at(-1)?.position ?? 0, now],
        );
        for (const row of rows) revocations.push(revocationOf(row));
        if (rows.length < BATCH) return { position: Number(head.position), revocations };
      }
    }),
  );
}
