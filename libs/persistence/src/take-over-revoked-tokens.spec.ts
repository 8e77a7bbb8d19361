import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MIGRATIONS } from '@countersign/migrations';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../../test/create-test-database.js';
import { TEST_OPTIONS } from '../test/migrated-database.js';
import { createDataSource } from './create-data-source.js';
import { loadRevocations } from './load-revocations.js';
import { runMigrations } from './run-migrations.js';

const AFTER = MIGRATIONS.findIndex(({ name }) => name.startsWith('Revocations'));

describe('the migration to one log of revocations', () => {
  let database: TestDatabase;
  let dataSource: DataSource | undefined;
  /** As a build that has only so many migrations finds and leaves the database. */
  const migrate = async (count: number) => {
    await dataSource?.destroy();
    const build = createDataSource({ ...TEST_OPTIONS, url: database.url });
    build.setOptions({ migrations: MIGRATIONS.slice(0, count) });
    dataSource = await build.initialize();
    await runMigrations(build);
    return build;
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    const before = await migrate(AFTER);
    await before.query('UPDATE change_head SET position = 40');
    await before.query(`INSERT INTO changes (position, kind, subject, expires_at)
      VALUES (40, 'revoked_token', 'earlier', now() + interval '200 seconds')`);
    await before.query(`INSERT INTO revoked_tokens (jti, expires_at, revoked_at) VALUES
      ('later', '2100-01-01T00:00:00Z', now()),
      ('earlier', '2100-01-02T00:00:00Z', now() - interval '1 minute'),
      ('tis_1/other issuer', '2100-01-03T00:00:00Z', now() - interval '2 minutes'),
      ('within the margin', now() - interval '4 minutes', now() - interval '1 hour'),
      ('expired', now() - interval '6 minutes', now() - interval '1 hour')`);
  });

  afterEach(async () => {
    await dataSource?.destroy();
    dataSource = undefined;
    await database.drop();
  });

  test('takes over the revoked tokens that are alive, in their order, behind the head', async () => {
    const after = await migrate(AFTER + 1);
    const { position, revocations } = await loadRevocations(after);
    expect(position).toBe(44);
    const entry = { type: 'jti', final: true, effectiveAt: null, audiences: null };
    const until = (day: number) => Date.UTC(2100, 0, day, 0, 5) / 1000;
    expect(revocations).toEqual([
      {
        ...entry,
        position: 41,
        id: 'within the margin',
        expiresAt: expect.any(Number),
        organizationId: null,
      },
      {
        ...entry,
        position: 42,
        id: 'tis_1/other issuer',
        expiresAt: until(3),
        organizationId: null,
      },
      { ...entry, position: 43, id: 'earlier', expiresAt: until(2), organizationId: null },
      { ...entry, position: 44, id: 'later', expiresAt: until(1), organizationId: null },
    ]);
  });

  test('continues the change feed, for whoever follows it, without a gap', async () => {
    const after = await migrate(AFTER + 1);
    expect(
      await after.query('SELECT position, kind, subject FROM changes ORDER BY position'),
    ).toEqual([
      { position: '40', kind: 'revoked_token', subject: 'earlier' },
      { position: '41', kind: 'revocation', subject: 'within the margin' },
      { position: '42', kind: 'revocation', subject: 'tis_1/other issuer' },
      { position: '43', kind: 'revocation', subject: 'earlier' },
      { position: '44', kind: 'revocation', subject: 'later' },
    ]);
  });

  test('gives the tokens back when it is undone', async () => {
    const after = await migrate(AFTER + 1);
    await after.undoLastMigration();
    expect(
      await after.query(
        `SELECT jti, expires_at FROM revoked_tokens WHERE expires_at > now() ORDER BY expires_at`,
      ),
    ).toEqual([
      { jti: 'later', expires_at: new Date('2100-01-01T00:00:00Z') },
      { jti: 'earlier', expires_at: new Date('2100-01-02T00:00:00Z') },
      { jti: 'tis_1/other issuer', expires_at: new Date('2100-01-03T00:00:00Z') },
    ]);
  });
});
