import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { insertKey } from '../test/rows.js';
import { ApiKeyEntity, ChangeEntity } from './entities/index.js';
import { recordKeyUse } from './record-key-use.js';

const EARLIER = new Date('2026-11-22T10:00:00.000Z');
const LATER = new Date('2026-11-22T11:00:00.123Z');

describe('recordKeyUse', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  const keyOf = (id: string) => dataSource.manager.findOneByOrFail(ApiKeyEntity, { id });
  const lastUseOf = async (id: string) => (await keyOf(id)).lastUsedAt;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  afterAll(() => database.drop());

  test('notes the first use, and only ever moves forward', async () => {
    const { keyId } = await insertKey(dataSource);
    const { keyId: unused } = await insertKey(dataSource);
    await recordKeyUse(dataSource, new Map([[keyId, EARLIER]]));
    expect(await lastUseOf(keyId)).toEqual(EARLIER);
    await recordKeyUse(dataSource, new Map([[keyId, LATER]]));
    expect(await lastUseOf(keyId)).toEqual(LATER);
    await recordKeyUse(dataSource, new Map([[keyId, EARLIER]]));
    expect(await lastUseOf(keyId)).toEqual(LATER);
    expect(await lastUseOf(unused)).toBeNull();
  });

  test('changes nothing else, and tells the feed nothing', async () => {
    const { keyId } = await insertKey(dataSource);
    const before = await keyOf(keyId);
    await recordKeyUse(dataSource, new Map([[keyId, LATER]]));
    expect(await keyOf(keyId)).toEqual({ ...before, lastUsedAt: LATER });
    expect(await dataSource.manager.count(ChangeEntity)).toBe(0);
  });

  test('passes over keys that are gone, and takes no use at all for what it is', async () => {
    const { keyId } = await insertKey(dataSource);
    await recordKeyUse(
      dataSource,
      new Map([
        ['key_gone', LATER],
        [keyId, LATER],
      ]),
    );
    expect(await lastUseOf(keyId)).toEqual(LATER);
    await expect(recordKeyUse(dataSource, new Map())).resolves.toBeUndefined();
  });

  test('many replicas that note the same keys in any order do not deadlock', async () => {
    const { principalId } = await insertKey(dataSource);
    const inserted: { id: string }[] = await dataSource.query(
      `INSERT INTO api_keys (id, principal_id, name, environment, created_at, updated_at)
       SELECT 'key_' || n, $1, 'many', 'live', now(), now() FROM generate_series(1, 300) AS n
       RETURNING id`,
      [principalId],
    );
    const keyIds = inserted.map(({ id }) => id);
    const replicas = Array.from({ length: 20 }, (_, replica) => replica);
    await Promise.all(
      replicas.map((replica) => {
        const order = replica % 2 ? keyIds : keyIds.toReversed();
        const at = new Date(LATER.getTime() + replica);
        return recordKeyUse(dataSource, new Map(order.map((keyId) => [keyId, at])));
      }),
    );
    const uses = await dataSource.query(
      `SELECT DISTINCT last_used_at AS at FROM api_keys WHERE name = 'many'`,
    );
    expect(uses).toEqual([{ at: new Date(LATER.getTime() + 19) }]);
  });
});
