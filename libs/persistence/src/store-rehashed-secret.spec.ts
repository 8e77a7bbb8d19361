import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { insertKey } from '../test/rows.js';
import { createReadKeyState } from './read-key-state.js';
import { storeRehashedSecret } from './store-rehashed-secret.js';

describe('storeRehashedSecret', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  const hashOf = async (versionId: string) => {
    const read = createReadKeyState(dataSource, { concurrency: 1, maxWaitMs: 2_000 });
    const { state } = await read(versionId);
    return state?.kind === 'api_key' ? state.secretHash : undefined;
  };

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  afterAll(() => database.drop());

  test('replaces the hash that was verified, of this version only', async () => {
    const { versionId } = await insertKey(dataSource, {}, { secretHash: 'old' });
    const { versionId: other } = await insertKey(dataSource, {}, { secretHash: 'old' });
    await storeRehashedSecret(dataSource, versionId, 'old', 'new');
    expect([await hashOf(versionId), await hashOf(other)]).toEqual(['new', 'old']);
  });

  test('leaves a hash that somebody replaced meanwhile', async () => {
    const { versionId } = await insertKey(dataSource, {}, { secretHash: 'theirs' });
    await storeRehashedSecret(dataSource, versionId, 'old', 'new');
    expect(await hashOf(versionId)).toBe('theirs');
  });
});
