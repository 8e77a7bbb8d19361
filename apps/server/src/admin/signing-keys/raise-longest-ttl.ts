import type { EntityManager } from 'typeorm';
import { lockSigningKeys } from './lock-signing-keys.js';

/**
 * Notes on every key that signs or will sign that tokens may now live this long, so that none goes
 * before its last token has expired. In the transaction that allows the lifetime.
 */
export async function raiseLongestTtl(manager: EntityManager, ttlSeconds: number): Promise<void> {
  await lockSigningKeys(manager);
  await manager.query(
    `UPDATE signing_keys SET longest_ttl_seconds = $1
     WHERE status IN ('next', 'active') AND longest_ttl_seconds < $1`,
    [ttlSeconds],
  );
}
