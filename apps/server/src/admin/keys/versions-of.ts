import { ApiKeyVersionEntity } from '@countersign/persistence';
import { type EntityManager, In } from 'typeorm';

/** The versions of each of these keys, newest first. */
export async function versionsOfEach(
  manager: EntityManager,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, ApiKeyVersionEntity[]>> {
  const found = await manager.find(ApiKeyVersionEntity, {
    where: { apiKeyId: In([...keyIds]) },
    // By their ends first: whoever waited for the lock of the key has the earlier `created_at`.
    order: { expiresAt: { direction: 'DESC', nulls: 'FIRST' }, createdAt: 'DESC', id: 'ASC' },
  });
  const versions = new Map<string, ApiKeyVersionEntity[]>(keyIds.map((id) => [id, []]));
  for (const version of found) versions.get(version.apiKeyId)?.push(version);
  return versions;
}

/** The versions of a key, newest first. */
export async function versionsOf(
  manager: EntityManager,
  keyId: string,
): Promise<ApiKeyVersionEntity[]> {
  return (await versionsOfEach(manager, [keyId])).get(keyId) ?? [];
}
