import type { ReplicaStore } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

interface StoredReplica {
  readonly id: string;
  readonly seq: string;
  readonly applied_position: string;
  readonly lease_ms: number;
}

/** The table `replicas`, for who waits for them. Rejects with `DependencyUnavailable`. */
export function createReplicaStore(dataSource: DataSource): ReplicaStore {
  return {
    async read() {
      const rows = await withDatabaseFailures(() =>
        dataSource.query<StoredReplica[]>(
          'SELECT id, seq, applied_position, lease_ms FROM replicas',
        ),
      );
      return rows.map((row) => ({
        id: row.id,
        seq: Number(row.seq),
        appliedPosition: Number(row.applied_position),
        leaseMs: row.lease_ms,
      }));
    },
    async remove(id, seq) {
      const [, removed] = await withDatabaseFailures(() =>
        dataSource.query<[unknown, number]>('DELETE FROM replicas WHERE id = $1 AND seq = $2', [
          id,
          seq,
        ]),
      );
      return removed > 0;
    },
  };
}
