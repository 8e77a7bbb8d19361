import type { RevocationType } from '@countersign/contracts';
import type { LoadedRevocations, Revocation } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

// No statement may take long, nor its rows much memory, however many were revoked.
const BATCH = 10_000;

type RevocationTuple = readonly [
  position: number,
  type: RevocationType,
  id: string,
  final: boolean,
  effectiveAt: number | null,
  expiresAt: number,
  audiences: string[] | null,
  organizationId: string | null,
];

// As one JSON text: parsing columns one by one takes several times as long, while nothing is answered.
const READ_BATCH = `
  SELECT coalesce(json_agg(json_build_array(
    position, type, id, final,
    floor(extract(epoch FROM effective_at)), ceil(extract(epoch FROM expires_at)),
    audiences, organization_id
  ) ORDER BY position), '[]') AS batch
  FROM (
    SELECT * FROM revocations WHERE position > $1 AND expires_at > $2 ORDER BY position LIMIT ${BATCH}
  ) AS revocation`;

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
        const after = revocations.at(-1)?.position ?? 0;
        const [row] = await manager.query<{ batch: RevocationTuple[] }[]>(READ_BATCH, [after, now]);
        const batch = row?.batch ?? [];
        for (const tuple of batch) revocations.push(revocationOf(tuple));
        if (batch.length < BATCH) return { position: Number(head.position), revocations };
      }
    }),
  );
}

function revocationOf(tuple: RevocationTuple): Revocation {
  const [position, type, id, final, effectiveAt, expiresAt, audiences, organizationId] = tuple;
  return { position, type, id, final, effectiveAt, expiresAt, audiences, organizationId };
}
