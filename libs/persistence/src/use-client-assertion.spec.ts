import { DependencyUnavailable } from '@countersign/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createUseClientAssertion } from './use-client-assertion.js';

describe('createUseClientAssertion', () => {
  let database: MigratedDatabase;
  const inOneMinute = new Date(Date.now() + 60_000);

  beforeAll(async () => {
    database = await createMigratedDatabase();
  });

  afterAll(() => database.drop());

  test('lets one of many through that use the same assertion at the same time', async () => {
    const use = createUseClientAssertion(database.dataSource);
    const uses = Array.from({ length: 8 }, () => use('key_1', 'jti', inOneMinute));
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    expect(await use('key_1', 'jti', new Date(Date.now() + 120_000))).toBe(false);
  });

  test('takes the same jti of another client for another assertion', async () => {
    const use = createUseClientAssertion(database.dataSource);
    expect(await use('key_2', 'shared', inOneMinute)).toBe(true);
    expect(await use('key_3', 'shared', inOneMinute)).toBe(true);
  });

  test('keeps a jti that no index would hold', async () => {
    const use = createUseClientAssertion(database.dataSource);
    const long = 'ß'.repeat(10_000);
    expect(await use('key_4', long, inOneMinute)).toBe(true);
    expect(await use('key_4', long, inOneMinute)).toBe(false);
  });

  test('is a failure, neither yes nor no, when the database is gone', async () => {
    const gone = await createMigratedDatabase();
    const use = createUseClientAssertion(gone.dataSource);
    await gone.drop();
    await expect(use('key_5', 'jti', inOneMinute)).rejects.toThrow(DependencyUnavailable);
  });
});
