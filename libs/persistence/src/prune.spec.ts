import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { pruneExpired } from './prune.js';

describe('pruneExpired', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  /** One entry for each age, oldest position first. */
  const insertChanges = async (...agesMinutes: number[]) => {
    for (const [index, age] of agesMinutes.entries()) {
      await dataSource.query(
        `INSERT INTO changes (position, kind, subject, occurred_at)
         VALUES ($1, 'role', 'rol_1', now() - $2 * interval '1 minute')`,
        [index + 1, age],
      );
    }
  };
  const positions = async () =>
    (await dataSource.query('SELECT position FROM changes ORDER BY position')).map(
      (row: { position: string }) => Number(row.position),
    );

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  beforeEach(() => dataSource.query('TRUNCATE changes, revocations, idempotency_keys'));

  afterAll(() => database.drop());

  test('deletes changes that are more than an hour old', async () => {
    await insertChanges(120, 61, 59, 1);
    expect(await pruneExpired(dataSource)).toMatchObject({ changes: 2 });
    expect(await positions()).toEqual([3, 4]);
  });

  test('keeps the newest change, however old, so that a gap can always be seen', async () => {
    await insertChanges(300, 200, 100);
    expect(await pruneExpired(dataSource)).toMatchObject({ changes: 2 });
    expect(await positions()).toEqual([3]);
    expect(await pruneExpired(dataSource)).toMatchObject({ changes: 0 });
  });

  test('leaves no hole where a long transaction was', async () => {
    await insertChanges(120, 59, 61, 58);
    await pruneExpired(dataSource);
    expect(await positions()).toEqual([2, 3, 4]);
  });

  test('deletes revocations once nothing that they could hit is alive', async () => {
    await dataSource.query(`
      INSERT INTO revocations (position, type, id, final, expires_at) VALUES
        (1, 'principal', 'alive', false, now() + interval '1 minute'),
        (2, 'jti', 'gone', true, now() - interval '1 second'),
        (3, 'jti', 'alive too', true, now() + interval '1 minute')`);
    expect(await pruneExpired(dataSource)).toMatchObject({ revocations: 1 });
    expect(await dataSource.query('SELECT id FROM revocations ORDER BY position')).toEqual([
      { id: 'alive' },
      { id: 'alive too' },
    ]);
  });

  test('works off a backlog that is longer than one statement deletes', async () => {
    await dataSource.query(`
      INSERT INTO revocations (position, type, id, final, expires_at)
      SELECT n, 'jti', 'jti-' || n, true, now() - interval '1 second' FROM generate_series(1, 20500) AS n`);
    await dataSource.query(`
      INSERT INTO changes (position, kind, subject, occurred_at)
      SELECT n, 'role', 'rol_1', now() - interval '2 hours' FROM generate_series(1, 20500) AS n`);
    expect(await pruneExpired(dataSource)).toMatchObject({ revocations: 20_500, changes: 20_499 });
    expect(await positions()).toEqual([20_500]);
  });

  test('deletes answers that were kept for retries', async () => {
    await dataSource.query(`
      INSERT INTO idempotency_keys
        (principal_id, key, request_digest, status, location, response, created_at, expires_at)
      VALUES ('prn_1', 'old', '', 201, '', '{}', now(), now() - interval '1 second'),
             ('prn_1', 'new', '', 201, '', '{}', now(), now() + interval '1 hour')`);
    expect(await pruneExpired(dataSource)).toMatchObject({ idempotencyKeys: 1 });
    expect(await dataSource.query('SELECT key FROM idempotency_keys')).toEqual([{ key: 'new' }]);
  });

  test('deletes used client assertions once no clock takes them for valid', async () => {
    await dataSource.query(`
      INSERT INTO used_client_assertions (digest, expires_at)
      VALUES ('over', now() - interval '301 seconds'), ('behind', now() - interval '299 seconds'),
             ('good', now() + interval '60 seconds')`);
    expect(await pruneExpired(dataSource)).toMatchObject({ usedClientAssertions: 1 });
    const left = await dataSource.query(
      'SELECT digest FROM used_client_assertions ORDER BY digest',
    );
    expect(left).toEqual([{ digest: 'behind' }, { digest: 'good' }]);
  });

  test('leaves the work to the replica that is at it', async () => {
    await insertChanges(120, 1);
    const pruned = await dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(7266842912)');
      return pruneExpired(dataSource);
    });
    expect(pruned).toBeNull();
    expect(await positions()).toEqual([1, 2]);
  });
});
