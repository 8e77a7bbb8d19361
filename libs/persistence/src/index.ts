export {
  ChangeFollower,
  type ChangeFollowerOptions,
  type FollowerLog,
} from './change-follower.js';
export {
  type AuditActor,
  type AuditedChange,
  type ChangeTransaction,
  CHANGES_CHANNEL,
  type CommittedChange,
  runChangeTransaction,
} from './change-transaction.js';
export { createDataSource, type DataSourceOptions } from './create-data-source.js';
export { databaseTimeMs } from './database-time-ms.js';
export { ForeignKeyViolation, UniqueViolation } from './database-violation.js';
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
  type StoredKeyStatus,
  TrustedIssuerEntity,
} from './entities/index.js';
export { type ListedPage, listPage, MalformedCursor, type PageRequest } from './list-page.js';
export { mapDatabaseFailure, withDatabaseFailures } from './map-database-failure.js';
export { loadResourceServers } from './load-resource-servers.js';
export { loadRevocations } from './load-revocations.js';
export { loadSigningKeys } from './load-signing-keys.js';
export {
  loadStatusListIds,
  loadTokenStatuses,
  type RegisteredToken,
} from './load-token-statuses.js';
export { loadTrustedIssuers } from './load-trusted-issuers.js';
export { type Pruned, pruneExpired } from './prune.js';
export { createReadKeyState } from './read-key-state.js';
export { recordKeyUse } from './record-key-use.js';
export { MigrationRefused, runMigrations } from './run-migrations.js';
export type { RevokedByChange } from './revoked-by-change.js';
export { type StatusListPlace, StatusListPlaces } from './status-list-places.js';
export { storeRehashedSecret } from './store-rehashed-secret.js';
export { createReplicaStore } from './create-replica-store.js';
export { createUseClientAssertion } from './use-client-assertion.js';
