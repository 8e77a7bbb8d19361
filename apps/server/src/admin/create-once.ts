import type { Metadata } from '@countersign/contracts';
import { type ChangeTransaction, IdempotencyKeyEntity } from '@countersign/persistence';
import { Created } from '../http/created.js';
import type { IdempotentRequest } from '../http/idempotent-request.js';
import { ProblemException } from '../http/problem.js';
import { updateRows } from './store-row.js';

const KEPT_FOR_MS = 24 * 3_600_000;

/**
 * Creates at most once for each Idempotency-Key of a principal: the first request claims the key
 * and creates in one transaction, and so a request that fails leaves no trace. A second one waits
 * at the claim until the first is through, and is then answered what the first was.
 * @throws {ProblemException} `idempotency_key_reused` when the key came with another request
 */
export async function createOnce<Body extends object>(
  tx: ChangeTransaction,
  principalId: string,
  request: IdempotentRequest,
  create: () => Promise<Created<Body>>,
): Promise<Created<Body>> {
  if (!(await claim(tx, principalId, request))) return replay(tx, principalId, request);
  const created = await create();
  await updateRows(
    tx.manager,
    IdempotencyKeyEntity,
    { principalId, key: request.key },
    { status: 201, location: created.location, response: created.kept as Metadata },
  );
  return created;
}

/** Whether the key is now ours: it was unknown, or what it was known for is too long ago. */
async function claim(
  { manager, now }: ChangeTransaction,
  principalId: string,
  { key, digest }: IdempotentRequest,
): Promise<boolean> {
  const claimed: unknown[] = await manager.query(
    `INSERT INTO idempotency_keys AS known
       (principal_id, key, request_digest, status, location, response, created_at, expires_at)
     VALUES ($1, $2, $3, 0, '', '{}', $4, $5)
     ON CONFLICT (principal_id, key) DO UPDATE
       SET request_digest = excluded.request_digest,
           created_at = excluded.created_at,
           expires_at = excluded.expires_at
       WHERE known.expires_at <= excluded.created_at
     RETURNING key`,
    [principalId, key, digest, now, new Date(now.getTime() + KEPT_FOR_MS)],
  );
  return claimed.length === 1;
}

async function replay<Body extends object>(
  { manager }: ChangeTransaction,
  principalId: string,
  { key, digest }: IdempotentRequest,
): Promise<Created<Body>> {
  const known = await manager.findOneByOrFail(IdempotencyKeyEntity, { principalId, key });
  if (known.requestDigest !== digest) {
    throw new ProblemException(
      'idempotency_key_reused',
      'The first request with this Idempotency-Key had another path or body.',
    );
  }
  const body = known.response as unknown as Body;
  return new Created(known.location, body, { replayed: true });
}
