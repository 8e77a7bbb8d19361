import { RevocationLog } from '@countersign/core';
import { createDataSource, runMigrations } from '@countersign/persistence';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../../../test/create-test-database.js';
import { createLogger } from '../observability/logger.js';
import { Housekeeping } from './housekeeping.js';

const HOUR_SECONDS = 3_600;

function revocation(id: string, expiresAt: number) {
  const whose = { audiences: null, organizationId: null, effectiveAt: null };
  return { position: 1, type: 'jti' as const, id, final: true, expiresAt, ...whose };
}

describe('housekeeping', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    const limits = { poolSize: 2, connectTimeoutMs: 2_000, statementTimeoutMs: 5_000 };
    dataSource = await createDataSource({ ...limits, url: database.url }).initialize();
    await runMigrations(dataSource);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('forgets no revocation of what is alive by a clock that is ahead, and every one that is over', async () => {
    const nowSeconds = Date.now() / 1000;
    const revocations = new RevocationLog(async () => ({
      position: 1,
      revocations: [revocation('alive', nowSeconds + 600), revocation('over', nowSeconds - 600)],
    }));
    await revocations.reset();
    const unused = undefined as never;
    const core = { revocations, keyStates: unused, replicas: unused };
    const housekeeping = new Housekeeping(core, dataSource, createLogger('silent'));
    const ahead = Date.now() + HOUR_SECONDS * 1000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => ahead);
    try {
      await housekeeping.prune();
    } finally {
      clock.mockRestore();
    }
    expect([revocations.has('alive'), revocations.has('over')]).toEqual([true, false]);
  });
});
