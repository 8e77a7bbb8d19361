import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import { createMigratedDatabase, type MigratedDatabase } from '../test/migrated-database.js';
import { insertOrganization, insertPrincipal, insertRole } from '../test/rows.js';
import {
  FederatedIdentityEntity,
  PrincipalRoleEntity,
  TrustedIssuerEntity,
} from './entities/index.js';
import { loadTrustedIssuers } from './load-trusted-issuers.js';
import { createReadKeyState } from './read-key-state.js';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const TIMES = { createdAt: NOW, updatedAt: NOW };

describe('federated identities in the database', () => {
  let database: MigratedDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    ({ dataSource } = database);
  });

  afterAll(() => database.drop());

  async function insertIdentity(principalId: string, organizationId: string | null) {
    const trustedIssuerId = `tis_${ulid()}`;
    await dataSource.manager.insert(TrustedIssuerEntity, {
      id: trustedIssuerId,
      issuer: `https://${trustedIssuerId}.example`,
      name: 'IdP',
      preset: null,
      status: 'disabled',
      jwksUri: null,
      discovery: 'openid-configuration',
      algorithms: ['RS256'],
      audienceClaim: '/aud',
      audiences: ['us'],
      targetAudiences: null,
      scopes: ['read'],
      mapping: { subject: '/sub', scopes: 'ceiling', type: 'user' },
      provisioning: 'link',
      organizationId,
      environment: 'test',
      trustPosition: '4',
      ...TIMES,
    });
    const id = `fid_${ulid()}`;
    await dataSource.manager.insert(FederatedIdentityEntity, {
      id,
      trustedIssuerId,
      organizationId,
      subject: 'alice',
      principalId,
      origin: 'linked',
      ...TIMES,
    });
    return { id, trustedIssuerId };
  }

  test('are read with their issuer, the principal with its grants, and the organization', async () => {
    const organizationId = await insertOrganization(dataSource, { status: 'disabled' });
    const principalId = await insertPrincipal(dataSource, {
      organizationId,
      externalId: 'crm-7',
      type: 'user',
      name: 'Ada',
      scopes: ['read'],
      metadata: { plan: 'gold' },
    });
    const roleId = await insertRole(dataSource, { name: 'writer', scopes: ['write'] });
    await dataSource.manager.insert(PrincipalRoleEntity, { principalId, roleId });
    const { id, trustedIssuerId } = await insertIdentity(principalId, organizationId);

    const read = createReadKeyState(dataSource, { concurrency: 1, maxWaitMs: 2_000 });
    const [known, unknown] = await Promise.all([read(id), read('fid_unknown')]);
    expect(known).toEqual({
      position: 0,
      state: {
        kind: 'federated_identity',
        identityId: id,
        identityStatus: 'active',
        origin: 'linked',
        trustedIssuerId,
        issuerStatus: 'disabled',
        ceiling: ['read'],
        environment: 'test',
        trustPosition: 4,
        principalId,
        principalType: 'user',
        principalName: 'Ada',
        externalId: 'crm-7',
        principalStatus: 'active',
        principalMetadata: { plan: 'gold' },
        organizationId,
        organizationStatus: 'disabled',
        roleIds: [roleId],
        roles: ['writer'],
        grantedScopes: ['read', 'write'],
        actsFor: [],
        actorIds: [],
      },
    });
    expect(unknown).toEqual({ position: 0, state: null });
  });

  test('are one for each subject, also without an organization', async () => {
    const principalId = await insertPrincipal(dataSource);
    const { trustedIssuerId } = await insertIdentity(principalId, null);
    const again = dataSource.manager.insert(FederatedIdentityEntity, {
      id: `fid_${ulid()}`,
      trustedIssuerId,
      organizationId: null,
      subject: 'alice',
      principalId,
      origin: 'linked',
      ...TIMES,
    });
    await expect(again).rejects.toThrow('federated_identities_subject_without_organization_key');
  });

  test('go with their issuer, which is loaded with all that a decision depends on', async () => {
    const principalId = await insertPrincipal(dataSource);
    const { id, trustedIssuerId } = await insertIdentity(principalId, null);
    const policies = await loadTrustedIssuers(dataSource);
    expect(policies.find((policy) => policy.id === trustedIssuerId)).toEqual({
      id: trustedIssuerId,
      issuer: `https://${trustedIssuerId}.example`,
      status: 'disabled',
      jwks: null,
      jwksUri: null,
      discovery: 'openid-configuration',
      algorithms: ['RS256'],
      audienceClaim: '/aud',
      audiences: ['us'],
      targetAudiences: null,
      scopes: ['read'],
      mapping: { subject: '/sub', scopes: 'ceiling', type: 'user' },
      provisioning: 'link',
      organizationId: null,
    });
    await dataSource.manager.delete(TrustedIssuerEntity, { id: trustedIssuerId });
    expect(await dataSource.manager.existsBy(FederatedIdentityEntity, { id })).toBe(false);
  });
});
