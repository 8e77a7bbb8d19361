import type { EntityManager } from 'typeorm';

/**
 * Makes every change of signing keys, and every rise of a token's lifetime, wait for each other;
 * reading goes on. Without it a key that is being made would miss a lifetime that is being raised.
 */
export async function lockSigningKeys(manager: EntityManager): Promise<void> {
  await manager.query('LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE');
}
