import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { insertResourceServer } from '../test/rows.js';
import { RevocationEntity, SigningKeyEntity } from './entities/index.js';
import { loadResourceServers } from './load-resource-servers.js';
import { loadRevocations } from './load-revocations.js';
import { loadSigningKeys } from './load-signing-keys.js';

const MINUTE_MS = 60_000;

describe('what memory is loaded with', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  afterAll(() => database.drop());

  test('signing keys: all that are in use, with the sealed private part, oldest first', async () => {
    const statuses = ['compromised', 'removed', 'retiring', 'active', 'next'] as const;
    for (const [index, status] of statuses.entries()) {
      await dataSource.manager.insert(SigningKeyEntity, {
        kid: `kid-${status}`,
        alg: 'ES256',
        status,
        publicJwk: { kty: 'EC', crv: 'P-256' },
        sealedPrivateJwk: status === 'removed' ? null : `sealed-${status}`,
        longestTtlSeconds: 300,
        createdAt: new Date(Date.UTC(2026, 0, 1 + index)),
      });
    }
    const record = (status: string) => ({
      kid: `kid-${status}`,
      alg: 'ES256',
      status,
      publicJwk: { kty: 'EC', crv: 'P-256' },
      sealedPrivateJwk: `sealed-${status}`,
    });
    const loaded = await loadSigningKeys(dataSource);
    expect(loaded.map((each) => ({ ...each }))).toEqual(['retiring', 'active', 'next'].map(record));
  });

  test('resource servers: what each asks of its tokens', async () => {
    await insertResourceServer(dataSource, 'https://api.example');
    const loaded = await loadResourceServers(dataSource);
    expect(loaded.map((each) => ({ ...each }))).toEqual([
      {
        audience: 'https://api.example',
        scopes: ['read:users'],
        accessTokenTtlSeconds: 300,
        signingAlg: 'ES256',
        tokenTyp: 'at+jwt',
        refreshTokens: null,
        tokenStatusList: false,
        protectedResourceMetadata: undefined,
      },
    ]);
  });

  test('revocations: those that may still hit something, in their order, as of one moment', async () => {
    const now = new Date('2026-11-22T12:00:00.000Z');
    const after = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS);
    const common = { final: false, effectiveAt: null, audiences: null, organizationId: null };
    await dataSource.query('UPDATE change_head SET position = 12');
    for (const row of [
      { position: '11', type: 'role', id: 'exporter', expiresAt: after(5), ...common },
      { position: '7', type: 'jti', id: 'expired', expiresAt: after(-1), ...common },
      {
        position: '3',
        type: 'jti',
        id: 'alive',
        final: true,
        effectiveAt: after(2),
        expiresAt: after(1),
        audiences: ['https://a', 'https://b'],
        organizationId: 'org_1',
      },
    ] as const) {
      await dataSource.manager.insert(RevocationEntity, {
        ...row,
        audiences: row.audiences && [...row.audiences],
      });
    }
    const seconds = (minutes: number) => after(minutes).getTime() / 1000;
    expect(await loadRevocations(dataSource, now)).toEqual({
      position: 12,
      revocations: [
        {
          position: 3,
          type: 'jti',
          id: 'alive',
          final: true,
          effectiveAt: seconds(2),
          expiresAt: seconds(1),
          audiences: ['https://a', 'https://b'],
          organizationId: 'org_1',
        },
        { position: 11, type: 'role', id: 'exporter', expiresAt: seconds(5), ...common },
      ],
    });
  });

  test('revocations: none is left out, however many there are', async () => {
    await dataSource.query('TRUNCATE revocations');
    await dataSource.query(
      `INSERT INTO revocations (position, type, id, final, expires_at)
       SELECT n, 'jti', 'jti-' || n, true, now() + interval '1 hour'
       FROM generate_series(1, 20001) AS n`,
    );
    const { revocations } = await loadRevocations(dataSource);
    const positions = [...revocations].map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: 20_001 }, (_, index) => index + 1));
  });

  test('nothing is loaded from a database that is out of reach: that is a failure', async () => {
    const closed = await database.connect();
    await closed.destroy();
    for (const load of [loadSigningKeys, loadResourceServers, loadRevocations]) {
      await expect(load(closed)).rejects.toBeInstanceOf(DependencyUnavailable);
    }
  });
});
