import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { AuditActor } from '../src/change-transaction.js';
import {
  ApiKeyEntity,
  ApiKeyVersionEntity,
  OrganizationEntity,
  PrincipalEntity,
  ResourceServerEntity,
  ResourceServerPrincipalEntity,
  RoleEntity,
} from '../src/entities/index.js';

export const NOBODY: AuditActor = {
  principalId: null,
  credentialType: null,
  credentialId: null,
  sourceIp: null,
  userAgent: null,
  requestId: null,
};

const CREATED_AT = new Date('2026-01-02T03:04:05.678Z');
const TIMES = { createdAt: CREATED_AT, updatedAt: CREATED_AT };

export async function insertOrganization(
  { manager }: DataSource,
  row: Partial<OrganizationEntity> = {},
): Promise<string> {
  const id = row.id ?? `org_${ulid()}`;
  await manager.insert(OrganizationEntity, { name: 'Acme', ...TIMES, ...row, id });
  return id;
}

export async function insertPrincipal(
  { manager }: DataSource,
  { organization: _, ...row }: Partial<PrincipalEntity> = {},
): Promise<string> {
  const id = row.id ?? `prn_${ulid()}`;
  await manager.insert(PrincipalEntity, { type: 'service', name: 'Job', ...TIMES, ...row, id });
  return id;
}

export async function insertRole(
  { manager }: DataSource,
  row: Partial<RoleEntity> = {},
): Promise<string> {
  const id = row.id ?? `rol_${ulid()}`;
  await manager.insert(RoleEntity, { name: id, ...TIMES, ...row, id });
  return id;
}

/** A key with one version; made together with a principal where none is given. */
export async function insertKey(
  dataSource: DataSource,
  { principal: _, ...row }: Partial<ApiKeyEntity> = {},
  version: Partial<Omit<ApiKeyVersionEntity, 'apiKey'>> = {},
): Promise<{ keyId: string; versionId: string; principalId: string }> {
  const { manager } = dataSource;
  const principalId = row.principalId ?? (await insertPrincipal(dataSource));
  const keyId = row.id ?? `key_${ulid()}`;
  const versionId = version.id ?? ulid().slice(-16);
  await manager.insert(ApiKeyEntity, {
    name: 'key',
    environment: 'live',
    ...TIMES,
    ...row,
    id: keyId,
    principalId,
  });
  await manager.insert(ApiKeyVersionEntity, {
    secretHash: '$argon2id$hash',
    lastFour: 'abcd',
    createdAt: CREATED_AT,
    ...version,
    id: versionId,
    apiKeyId: keyId,
  });
  return { keyId, versionId, principalId };
}

export async function insertResourceServer(
  { manager }: DataSource,
  audience: string,
  principalIds: readonly string[] = [],
): Promise<string> {
  const id = `rsv_${ulid()}`;
  await manager.insert(ResourceServerEntity, {
    id,
    audience,
    name: 'API',
    scopes: ['read:users'],
    accessTokenTtlSeconds: 300,
    signingAlg: 'ES256',
    tokenTyp: 'at+jwt',
    ...TIMES,
  });
  for (const principalId of principalIds) {
    await manager.insert(ResourceServerPrincipalEntity, { resourceServerId: id, principalId });
  }
  return id;
}
