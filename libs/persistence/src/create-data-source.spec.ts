import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { eventually } from '../test/eventually.js';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createNetwork } from '../test/network.js';
import { insertKey, insertOrganization } from '../test/rows.js';
import { ApiKeyEntity, OrganizationEntity } from './entities/index.js';
import { mapDatabaseFailure } from './map-database-failure.js';
import { poolOf } from './pool-of.js';

describe('createDataSource', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  afterAll(() => database.drop());

  describe('with an id that is undefined or null', () => {
    const missing = undefined as unknown as string;
    const none = null as unknown as string;

    beforeAll(async () => {
      await insertOrganization(dataSource);
    });

    test.each([
      ['undefined', missing],
      ['null', none],
    ])('never finds a row: %s', async (_, id) => {
      const { manager } = dataSource;
      const organizations = manager.getRepository(OrganizationEntity);
      const value = /(?:Undefined|Null) value encountered/;
      await expect(manager.findOneBy(OrganizationEntity, { id })).rejects.toThrow(value);
      await expect(manager.findOne(OrganizationEntity, { where: { id } })).rejects.toThrow(value);
      await expect(manager.findBy(OrganizationEntity, [{ id }])).rejects.toThrow(value);
      await expect(manager.countBy(OrganizationEntity, { id })).rejects.toThrow(value);
      await expect(manager.existsBy(OrganizationEntity, { id })).rejects.toThrow(value);
      await expect(organizations.findOneByOrFail({ id })).rejects.toThrow(value);
    });

    test.each([
      ['undefined', missing],
      ['null', none],
    ])('never changes or deletes a row: %s', async (_, id) => {
      const { manager } = dataSource;
      const value = /(?:Undefined|Null) value encountered|Empty criteria/;
      await expect(manager.update(OrganizationEntity, { id }, { name: 'x' })).rejects.toThrow(
        value,
      );
      await expect(manager.delete(OrganizationEntity, { id })).rejects.toThrow(value);
      await expect(manager.delete(OrganizationEntity, id)).rejects.toThrow(value);
      expect(await manager.countBy(OrganizationEntity, { name: 'Acme' })).toBe(1);
    });

    test('never finds a row through a query either', async () => {
      const found = await dataSource.manager
        .createQueryBuilder(OrganizationEntity, 'organization')
        .where('organization.id = :id', { id: missing })
        .getMany();
      expect(found).toEqual([]);
    });
  });

  test('gives back every moment as it was stored, whatever the database is set to', async () => {
    const { name } = (await dataSource.query('SELECT current_database() AS name'))[0];
    await dataSource.query(`ALTER DATABASE ${name} SET DateStyle = 'SQL, DMY'`);
    await dataSource.query(`ALTER DATABASE ${name} SET TimeZone = 'Asia/Kolkata'`);
    const elsewhere = await database.connect();
    const expiresAt = new Date('2027-03-28T01:30:00.123Z');
    const { keyId } = await insertKey(elsewhere, { expiresAt });

    for (const each of [elsewhere, dataSource]) {
      const key = await each.manager.findOneByOrFail(ApiKeyEntity, { id: keyId });
      expect(key.expiresAt).toEqual(expiresAt);
    }
    await dataSource.query(`ALTER DATABASE ${name} RESET ALL`);
  });

  test('outlives connections that are cut, idle or in use', async () => {
    const pool = await database.connect({ applicationName: 'to-be-cut' });
    const cut = () =>
      dataSource.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to-be-cut'`,
      );
    await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 1')]);
    await cut();
    await eventually(() => poolOf(pool).totalCount === 0);

    const inUse = pool.query('SELECT pg_sleep(60)').catch(mapDatabaseFailure);
    const sleeping = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'to-be-cut'
      AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`;
    await eventually(async () => (await dataSource.query<unknown[]>(sleeping)).length === 1);
    const betweenStatements = pool
      .transaction(async (manager) => {
        await cut();
        await manager.query('SELECT 1');
      })
      .catch(mapDatabaseFailure);
    expect(await betweenStatements).toBeInstanceOf(DependencyUnavailable);
    expect(await inUse).toBeInstanceOf(DependencyUnavailable);

    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('does not wait for ever for a statement, a lock or a free connection', async () => {
    const pool = await database.connect({
      poolSize: 1,
      connectTimeoutMs: 150,
      statementTimeoutMs: 300,
    });
    const slow = pool.query('SELECT pg_sleep(10)').catch(mapDatabaseFailure);
    const waiting = pool.query('SELECT 1').catch(mapDatabaseFailure);
    expect(await waiting).toBeInstanceOf(DependencyUnavailable);
    expect(await slow).toBeInstanceOf(DependencyUnavailable);
  });

  test('never hands on a connection in the middle of a transaction', async () => {
    const network = await createNetwork(database.url);
    const pool = await database.connect({
      url: network.url,
      poolSize: 1,
      statementTimeoutMs: 200,
    });
    // The network is lost during the transaction, and is back when its connection is given up.
    const lost = pool
      .transaction(async (manager) => {
        await manager.update(OrganizationEntity, { name: 'Acme' }, { name: 'Changed' });
        network.freeze();
        await manager.query('SELECT 1');
      })
      .catch(mapDatabaseFailure);
    expect(await lost).toBeInstanceOf(DependencyUnavailable);
    network.thaw();

    await insertOrganization(pool, { name: 'After' });
    const names = await dataSource.query('SELECT name FROM organizations ORDER BY name');
    expect(names).toEqual([{ name: 'Acme' }, { name: 'After' }]);
    await pool.destroy();
    await network.close();
  });
});
