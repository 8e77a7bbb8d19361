import { keyAuthentication } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DependencyUnavailable, type KeyStateReading, type ReadKeyState } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { createNetwork } from '../test/network.js';
import {
  insertKey,
  insertOrganization,
  insertPrincipal,
  insertResourceServer,
  insertRole,
  NOBODY,
} from '../test/rows.js';
import { runChangeTransaction } from './change-transaction.js';
import { OrganizationEntity, PrincipalRoleEntity } from './entities/index.js';
import { createReadKeyState, READ_KEY_STATES } from './read-key-state.js';

const OPTIONS = { concurrency: 2, maxWaitMs: 2_000 };

describe('createReadKeyState', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;
  let readKeyState: ReadKeyState;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
    readKeyState = createReadKeyState(dataSource, OPTIONS);
  });

  afterAll(() => database.drop());

  test('reads the version, its key, the principal with its grants, and the organization', async () => {
    const organizationId = await insertOrganization(dataSource, { status: 'disabled' });
    const principalId = await insertPrincipal(dataSource, {
      organizationId,
      externalId: 'crm-7',
      type: 'user',
      name: 'Ada',
      scopes: ['read:users', 'write:users'],
      metadata: { plan: 'gold' },
      actorIds: ['prn_01JD0000000000000000000011'],
      status: 'disabled',
    });
    const writer = await insertRole(dataSource, {
      name: 'writer',
      scopes: ['write:users', 'write:orders'],
    });
    const exporter = await insertRole(dataSource, { name: 'Exporter', scopes: ['read:users'] });
    for (const roleId of [writer, exporter]) {
      await dataSource.manager.insert(PrincipalRoleEntity, { principalId, roleId });
    }
    await insertResourceServer(dataSource, 'https://a.example', [principalId]);
    await insertResourceServer(dataSource, 'https://b.example', [principalId]);
    await insertResourceServer(dataSource, 'https://c.example', []);
    const keyExpiresAt = new Date('2027-01-01T00:00:00.001Z');
    const versionExpiresAt = new Date('2026-12-01T00:00:00.002Z');
    const { keyId, versionId } = await insertKey(
      dataSource,
      {
        principalId,
        environment: 'test',
        status: 'revoked',
        scopes: ['read:users'],
        audiences: ['https://api.example'],
        restrictions: { ips: ['192.0.2.0/24'] },
        metadata: { team: 'b' },
        expiresAt: keyExpiresAt,
      },
      { secretHash: '$argon2id$secret', expiresAt: versionExpiresAt, ended: true },
    );

    const { state } = await readKeyState(versionId);
    expect({
      ...state,
      grantedScopes: state?.grantedScopes.toSorted(),
      actsFor: state?.actsFor.toSorted(),
    }).toEqual({
      kind: 'api_key',
      versionId,
      versionExpiresAtMs: versionExpiresAt.getTime(),
      versionEnded: true,
      secretHash: '$argon2id$secret',
      keyId,
      keyStatus: 'revoked',
      keyExpiresAtMs: keyExpiresAt.getTime(),
      keyCreatedAtMs: Date.parse('2026-01-02T03:04:05.678Z'),
      authentication: null,
      certificateThumbprints: [],
      certificateBoundAccessTokens: false,
      environment: 'test',
      keyScopes: ['read:users'],
      audiences: ['https://api.example'],
      restrictions: { ips: ['192.0.2.0/24'] },
      keyMetadata: { team: 'b' },
      principalId,
      principalType: 'user',
      principalName: 'Ada',
      externalId: 'crm-7',
      principalStatus: 'disabled',
      principalMetadata: { plan: 'gold' },
      organizationId,
      organizationStatus: 'disabled',
      roleIds: [exporter, writer],
      roles: ['Exporter', 'writer'],
      grantedScopes: ['read:users', 'write:orders', 'write:users'],
      actsFor: ['https://a.example', 'https://b.example'],
      actorIds: ['prn_01JD0000000000000000000011'],
    });
  });

  test('reads a key without a secret, with the public keys that stand in for it', async () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    const authentication = keyAuthentication.parse({
      method: 'private_key_jwt',
      jwks: { keys: [jwk] },
    });
    const { versionId } = await insertKey(
      dataSource,
      { authentication },
      { secretHash: null, lastFour: null },
    );
    const { state } = await readKeyState(versionId);
    expect(state).toMatchObject({ versionId, secretHash: null, authentication });
  });

  test('reads a key without organization, roles, grants, expiry and restrictions', async () => {
    const { versionId } = await insertKey(dataSource);
    expect((await readKeyState(versionId)).state).toMatchObject({
      versionExpiresAtMs: Number.POSITIVE_INFINITY,
      versionEnded: false,
      keyExpiresAtMs: Number.POSITIVE_INFINITY,
      keyStatus: 'active',
      keyScopes: [],
      audiences: [],
      restrictions: null,
      keyMetadata: {},
      externalId: null,
      organizationId: null,
      organizationStatus: null,
      roleIds: [],
      roles: [],
      grantedScopes: [],
      actsFor: [],
      actorIds: [],
    });
  });

  test('says as of which position of the feed, also when there is no such version', async () => {
    const { position } = await runChangeTransaction(dataSource, NOBODY, async (tx) =>
      tx.changed('api_key', 'key_1'),
    );
    expect(await readKeyState('unknown')).toEqual({ state: null, position });
  });

  test('never reads a state without the position of the change that made it', async () => {
    const organizationId = await insertOrganization(dataSource, { name: '0' });
    const principalId = await insertPrincipal(dataSource, { organizationId });
    const { versionId } = await insertKey(dataSource, { principalId });
    const madeAt = new Map<string, number>();
    const start = (await readKeyState(versionId)).position;
    let changing = true;
    const change = async () => {
      for (let round = 0; round < 60; round += 1) {
        const status = round % 2 ? 'active' : 'disabled';
        const { position } = await runChangeTransaction(dataSource, NOBODY, async (tx) => {
          await tx.manager.update(OrganizationEntity, { id: organizationId }, { status });
          tx.changed('organization', organizationId);
        });
        madeAt.set(`${position}`, round);
      }
      changing = false;
    };
    const read = async () => {
      while (changing) {
        const { state, position } = await readKeyState(versionId);
        const changes = position - start;
        expect(state?.organizationStatus).toBe(changes % 2 ? 'disabled' : 'active');
      }
    };
    await Promise.all([change(), read()]);
    expect(madeAt.size).toBe(60);
  });

  test('reads a thousand versions at the same time over one connection', async () => {
    const remote = await database.connect({ poolSize: 1 });
    const keys = await Promise.all(Array.from({ length: 3 }, () => insertKey(dataSource)));
    const read = createReadKeyState(remote, { concurrency: 1, maxWaitMs: 2_000 });
    const versionIds = Array.from(
      { length: 1_000 },
      (_, at) => keys[at % 4]?.versionId ?? `no${at}`,
    );
    const readings = await Promise.all(versionIds.map(read));
    const idOf = ({ state }: KeyStateReading) =>
      state?.kind === 'api_key' ? state.versionId : null;
    expect(readings.map(idOf)).toEqual(versionIds.map((id) => (id.startsWith('no') ? null : id)));
    await remote.destroy();
  });

  test('looks everything up by an index', async () => {
    await dataSource.query(`
      INSERT INTO organizations (id, name, created_at, updated_at)
        SELECT 'o' || n, 'o', now(), now() FROM generate_series(1, 2000) AS n;
      INSERT INTO principals (id, type, name, organization_id, created_at, updated_at)
        SELECT 'p' || n, 'service', 'p', 'o' || n, now(), now() FROM generate_series(1, 2000) AS n;
      INSERT INTO roles (id, name, created_at, updated_at)
        SELECT 'r' || n, 'r' || n, now(), now() FROM generate_series(1, 2000) AS n;
      INSERT INTO principal_roles SELECT 'p' || n, 'r' || n FROM generate_series(1, 2000) AS n;
      INSERT INTO resource_servers
        SELECT 's' || n, 'https://' || n, 's', '{}', 1, 'RS256', 'JWT', now(), now()
        FROM generate_series(1, 2000) AS n;
      INSERT INTO resource_server_principals
        SELECT 's' || n, 'p' || n FROM generate_series(1, 2000) AS n;
      INSERT INTO api_keys (id, principal_id, name, environment, created_at, updated_at)
        SELECT 'k' || n, 'p' || n, 'k', 'live', now(), now() FROM generate_series(1, 2000) AS n;
      INSERT INTO api_key_versions (id, api_key_id, secret_hash, last_four, created_at)
        SELECT 'v' || n, 'k' || n, 'hash', 'last', now() FROM generate_series(1, 2000) AS n`);
    await dataSource.query('ANALYZE');
    const plan = JSON.stringify(
      await dataSource.query(`EXPLAIN ${READ_KEY_STATES}`, [['v7', 'v8']]),
    );
    expect(plan.match(/Seq Scan on \w+/g) ?? []).toEqual(
      // One row: no index is quicker.
      plan.includes('change_head_pkey') ? [] : ['Seq Scan on change_head'],
    );
    for (const index of ['api_key_versions', 'api_keys', 'principals', 'organizations']) {
      expect(plan).toContain(`${index}_pkey`);
    }
  });

  test('says that the database is unavailable rather than wait for ever', async () => {
    const network = await createNetwork(database.url);
    const remote = await database.connect({ url: network.url, statementTimeoutMs: 100 });
    network.freeze();
    const startedAtMs = performance.now();
    await expect(createReadKeyState(remote, OPTIONS)('unknown')).rejects.toBeInstanceOf(
      DependencyUnavailable,
    );
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    await network.close();
    await expect(createReadKeyState(remote, OPTIONS)('unknown')).rejects.toBeInstanceOf(
      DependencyUnavailable,
    );
    await remote.destroy();
    await expect(createReadKeyState(remote, OPTIONS)('unknown')).rejects.toBeInstanceOf(
      DependencyUnavailable,
    );
  });
});
