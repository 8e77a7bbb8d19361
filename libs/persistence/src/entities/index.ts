import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyVersionEntity } from './api-key-version.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { ChangeEntity } from './change.entity.js';
import { ChangeHeadEntity } from './change-head.entity.js';
import { FederatedIdentityEntity } from './federated-identity.entity.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { OrganizationEntity } from './organization.entity.js';
import { PrincipalEntity } from './principal.entity.js';
import { PrincipalRoleEntity } from './principal-role.entity.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { ResourceServerEntity } from './resource-server.entity.js';
import { ReplicaEntity } from './replica.entity.js';
import { ResourceServerPrincipalEntity } from './resource-server-principal.entity.js';
import { RevocationEntity } from './revocation.entity.js';
import { RoleEntity } from './role.entity.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { StatusListEntity } from './status-list.entity.js';
import { TokenStatusEntity } from './token-status.entity.js';
import { TrustedIssuerEntity } from './trusted-issuer.entity.js';
import { UsedClientAssertionEntity } from './used-client-assertion.entity.js';

/**
 * Every entity of the schema; the migrations make exactly these tables. Whatever is a key or refers
 * to one has the collation C, so that joins and lists by id are served by the indexes everywhere.
 */
export const ENTITIES = [
  OrganizationEntity,
  PrincipalEntity,
  RoleEntity,
  PrincipalRoleEntity,
  ApiKeyEntity,
  ApiKeyVersionEntity,
  ResourceServerEntity,
  ResourceServerPrincipalEntity,
  SigningKeyEntity,
  RevocationEntity,
  RefreshTokenEntity,
  ChangeEntity,
  ChangeHeadEntity,
  AuditEventEntity,
  IdempotencyKeyEntity,
  TrustedIssuerEntity,
  FederatedIdentityEntity,
  UsedClientAssertionEntity,
  ReplicaEntity,
  StatusListEntity,
  TokenStatusEntity,
];

export {
  ApiKeyEntity,
  ApiKeyVersionEntity,
  AuditEventEntity,
  ChangeEntity,
  ChangeHeadEntity,
  FederatedIdentityEntity,
  IdempotencyKeyEntity,
  OrganizationEntity,
  PrincipalEntity,
  PrincipalRoleEntity,
  RefreshTokenEntity,
  ResourceServerEntity,
  ResourceServerPrincipalEntity,
  RevocationEntity,
  RoleEntity,
  SigningKeyEntity,
  TrustedIssuerEntity,
};
export type { StoredKeyStatus } from './api-key.entity.js';
