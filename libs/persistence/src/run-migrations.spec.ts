import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MIGRATIONS } from '@countersign/migrations';
import type { DataSource, QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../../test/create-test-database.js';
import { TEST_OPTIONS } from '../test/migrated-database.js';
import { createDataSource } from './create-data-source.js';
import { requireSuitableServer, runMigrations } from './run-migrations.js';

describe('runMigrations', () => {
  let database: TestDatabase;
  let opened: DataSource[];
  const connect = async () => {
    const dataSource = createDataSource({ ...TEST_OPTIONS, url: database.url });
    opened.push(dataSource);
    return dataSource.initialize();
  };

  beforeEach(async () => {
    opened = [];
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await Promise.all(opened.map((dataSource) => dataSource.destroy()));
    await database.drop();
  });

  test('makes exactly the schema that the entities speak of', async () => {
    const dataSource = await connect();
    const ran = await runMigrations(dataSource);

    expect(ran).toEqual(MIGRATIONS.map(({ name }) => name));
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
    expect(await dataSource.query('SELECT * FROM change_head')).toEqual([{ id: 1, position: '0' }]);
  });

  test('has nothing to do the second time', async () => {
    const dataSource = await connect();
    await runMigrations(dataSource);
    expect(await runMigrations(dataSource)).toEqual([]);
  });

  test('leaves nothing behind when it is undone', async () => {
    const dataSource = await connect();
    await runMigrations(dataSource);
    for (const _ of MIGRATIONS) await dataSource.undoLastMigration();

    const left: { name: string }[] = await dataSource.query(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
       AND relkind IN ('r', 'v', 'S') ORDER BY relname`,
    );
    expect(left.map(({ name }) => name)).toEqual(['schema_migrations', 'schema_migrations_id_seq']);
  });

  test('lets processes that start together take turns', async () => {
    const dataSources = await Promise.all([connect(), connect(), connect()]);
    const ran = await Promise.all(dataSources.map((dataSource) => runMigrations(dataSource)));
    expect(ran.flat()).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  test('is not cut short by the time limit for statements', async () => {
    class SlowMigration1900000000000 {
      readonly name = 'SlowMigration1900000000000';
      up = (queryRunner: QueryRunner) => queryRunner.query('SELECT pg_sleep(0.5)');
      down = async () => undefined;
    }
    const options = { ...TEST_OPTIONS, statementTimeoutMs: 100, url: database.url };
    const dataSource = createDataSource(options);
    dataSource.setOptions({ migrations: [...MIGRATIONS, SlowMigration1900000000000] });
    opened.push(await dataSource.initialize());
    expect(await runMigrations(dataSource)).toContain('SlowMigration1900000000000');
  });

  test('leaves nothing done and no lock held when a migration fails', async () => {
    class BrokenMigration1900000000000 {
      readonly name = 'BrokenMigration1900000000000';
      up = (queryRunner: QueryRunner) => queryRunner.query('CREATE TABLE half (id integer, oops)');
      down = async () => undefined;
    }
    const broken = createDataSource({ ...TEST_OPTIONS, url: database.url });
    broken.setOptions({ migrations: [...MIGRATIONS, BrokenMigration1900000000000] });
    opened.push(await broken.initialize());
    await expect(runMigrations(broken)).rejects.toThrow(/syntax error/);

    expect(await runMigrations(await connect(), 1_000)).toHaveLength(MIGRATIONS.length);
  });

  test('says so when another process does not come to an end', async () => {
    const dataSource = await connect();
    const other = dataSource.createQueryRunner();
    await other.query('SELECT pg_advisory_lock(7266842911)');
    await expect(runMigrations(dataSource, 200)).rejects.toThrow(
      'Another process has been migrating this database for more than 0.2 s.',
    );
    await other.release();
  });

  test('refuses a schema that is newer than the build', async () => {
    const dataSource = await connect();
    await runMigrations(dataSource);
    await dataSource.query(
      `INSERT INTO schema_migrations (timestamp, name) VALUES (1900000000000, 'Later1900000000000')`,
    );
    await expect(runMigrations(dataSource)).rejects.toMatchObject({
      name: 'MigrationRefused',
      message: expect.stringMatching(/newer version .* \(Later1900000000000\)/),
    });
  });

  test('refuses a server that is too old, and an encoding that cannot hold every name', () => {
    expect(() => requireSuitableServer(130_014, 'UTF8')).toThrow(
      'Countersign needs PostgreSQL 14 or later; this server is PostgreSQL 13.',
    );
    expect(() => requireSuitableServer(150_004, 'SQL_ASCII')).toThrow(/encoding UTF8/);
    expect(() => requireSuitableServer(140_000, 'UTF8')).not.toThrow();
  });

  test('reports a database that is out of reach as unavailable', async () => {
    const dataSource = createDataSource({ ...TEST_OPTIONS, url: 'postgres://u@127.0.0.1:1/none' });
    await expect(runMigrations(dataSource)).rejects.toMatchObject({
      name: 'DependencyUnavailable',
      dependency: 'database',
    });
  });
});
