import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { insertResourceServer } from '../test/rows.js';
import { RevokedTokenEntity, SigningKeyEntity } from './entities/index.js';
import { loadResourceServers } from './load-resource-servers.js';
import { loadRevokedTokens } from './load-revoked-tokens.js';
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
      },
    ]);
  });

  test('revoked tokens: those that some clock may still take for valid', async () => {
    const now = new Date('2026-11-22T12:00:00.000Z');
    const after = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS);
    for (const [jti, expiresAt] of [
      ['live', after(5)],
      ['just-expired', after(-4)],
      ['long-expired', after(-6)],
    ] as const) {
      await dataSource.manager.insert(RevokedTokenEntity, { jti, expiresAt, revokedAt: now });
    }
    const loaded = await loadRevokedTokens(dataSource, now);
    expect(loaded.map(({ jti, expiresAt }) => [jti, expiresAt]).toSorted()).toEqual([
      ['just-expired', after(-4)],
      ['live', after(5)],
    ]);
  });

  test('nothing is loaded from a database that is out of reach: that is a failure', async () => {
    const closed = await database.connect();
    await closed.destroy();
    for (const load of [loadSigningKeys, loadResourceServers, loadRevokedTokens]) {
      await expect(load(closed)).rejects.toBeInstanceOf(DependencyUnavailable);
    }
  });
});
