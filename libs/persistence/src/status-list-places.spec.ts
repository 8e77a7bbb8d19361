import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { STATUS_LIST_SIZE } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { loadStatusListIds, loadTokenStatuses } from './load-token-statuses.js';
import { pruneExpired } from './prune.js';
import { StatusListPlaces } from './status-list-places.js';

describe('places in status lists', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  let made = 0;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  beforeEach(() => dataSource.query('TRUNCATE status_lists, token_statuses'));

  afterAll(() => database.drop());

  const token = (expiresAt = 4_000_000_000) => ({
    jti: `jti-${(made += 1)}`,
    rootIds: ['aB3dE6gH9jK2mN5p'],
    derivedFrom: ['parent'],
    feedPosition: 12,
    expiresAt,
  });
  const register = (places: StatusListPlaces, count: number) =>
    Promise.all(Array.from({ length: count }, () => places.register(token())));

  test('are given out once, whoever asks at the same time, and how many', async () => {
    const replicas = [new StatusListPlaces(dataSource), new StatusListPlaces(dataSource)];
    const given = (await Promise.all(replicas.map((one) => register(one, 150)))).flat();
    const distinct = new Set(given.map(({ listId, idx }) => `${listId} ${idx}`));
    expect(distinct.size).toBe(300);
    expect(given.every(({ idx }) => idx >= 0 && idx < STATUS_LIST_SIZE)).toBe(true);
    const ids = await loadStatusListIds(dataSource);
    const loaded = await Promise.all(ids.map((id) => loadTokenStatuses(dataSource, id)));
    expect(loaded.flat()).toHaveLength(300);
    const { rootIds, derivedFrom } = token();
    expect(loaded[0]?.[0]).toMatchObject({ rootIds, derivedFrom, feedPosition: 12 });
  });

  test('of a list that is full are followed by those of another', async () => {
    const [first] = await register(new StatusListPlaces(dataSource), 1);
    await dataSource.query('UPDATE status_lists SET allocated = $1', [STATUS_LIST_SIZE]);
    const [second] = await register(new StatusListPlaces(dataSource), 1);
    expect(second?.listId).not.toBe(first?.listId);
  });

  test('are found in another list when the one that was begun is gone', async () => {
    const places = new StatusListPlaces(dataSource);
    await places.register(token(1));
    await dataSource.query('UPDATE status_lists SET allocated = $1', [STATUS_LIST_SIZE]);
    expect(await pruneExpired(dataSource)).toMatchObject({ tokenStatuses: 1, statusLists: 1 });
    const { listId } = await places.register(token());
    expect(await loadTokenStatuses(dataSource, listId)).toHaveLength(1);
  });

  test('stay as long as their token may pass, and their list as long as it has room', async () => {
    const now = Date.now() / 1000;
    const places = new StatusListPlaces(dataSource);
    await places.register(token(now - 60));
    const { listId } = await places.register(token(now - 3_600));
    expect(await pruneExpired(dataSource)).toMatchObject({ tokenStatuses: 1, statusLists: 0 });
    // What has expired is not told of, though it is still there.
    expect(await loadTokenStatuses(dataSource, listId)).toEqual([]);
    expect(await loadTokenStatuses(dataSource, 'tsl_01JD0000000000000000000000')).toBeUndefined();
  });
});
