import type { ListSigningKeys, Page, SigningKey } from '@countersign/contracts';
import { MalformedCursor, SigningKeyEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import type { SigningKeyPolicy } from '../ports.js';
import { requireUnlimited } from '../reach.js';
import { KID } from './kid.js';
import { toSigningKey } from './to-signing-key.js';

/**
 * A page of the signing keys, newest first. A `kid` says nothing of its time, so a page starts after
 * the moment and the kid of the row before; no row is ever deleted.
 */
export async function findSigningKeys(
  manager: EntityManager,
  caller: Caller,
  { limit, cursor, status, alg }: ListSigningKeys,
  policy: SigningKeyPolicy,
): Promise<Page<SigningKey>> {
  requireUnlimited(caller);
  const found = manager.createQueryBuilder(SigningKeyEntity, 'key');
  if (status !== undefined) found.andWhere('key.status = :status', { status });
  if (alg !== undefined) found.andWhere('key.alg = :alg', { alg });
  if (cursor !== undefined) {
    if (!KID.test(cursor)) throw new MalformedCursor();
    found.andWhere(
      '(key.createdAt, key.kid) < (SELECT k.created_at, k.kid FROM signing_keys k WHERE k.kid = :cursor)',
      { cursor },
    );
  }
  const rows = await found
    .orderBy('key.createdAt', 'DESC')
    .addOrderBy('key.kid', 'DESC')
    .take(limit + 1)
    .getMany();
  const page = rows.slice(0, limit);
  return {
    data: page.map((row) => toSigningKey(row, policy)),
    next_cursor: rows.length > limit ? (page.at(-1)?.kid ?? null) : null,
  };
}
