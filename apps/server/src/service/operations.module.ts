import { StatusListSigner } from '@countersign/core';
import { loadStatusListIds, loadTokenStatuses } from '@countersign/persistence';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthorizationServerMetadataController } from '../endpoints/authorization-server-metadata/authorization-server-metadata.controller.js';
import { AuthzenConfigurationController } from '../endpoints/authzen/authzen-configuration.controller.js';
import { HealthController } from '../endpoints/health/health.controller.js';
import { Readiness } from '../endpoints/health/readiness.js';
import { READINESS_PROBES, type ReadinessProbe } from '../endpoints/health/readiness-probe.js';
import { JwksController } from '../endpoints/jwks/jwks.controller.js';
import { PublishedKeys } from '../endpoints/jwks/published-keys.js';
import { MetricsController } from '../endpoints/metrics/metrics.controller.js';
import { ProtectedResourceMetadataController } from '../endpoints/protected-resource-metadata/protected-resource-metadata.controller.js';
import { StatusLists } from '../endpoints/status-lists/status-lists.js';
import { StatusListsController } from '../endpoints/status-lists/status-lists.controller.js';
import { CONFIG, type Config } from '../config/config.js';
import { PublishedMetadata } from '../endpoints/protected-resource-metadata/published-metadata.js';
import { ResourceMetadataController } from '../endpoints/protected-resource-metadata/resource-metadata.controller.js';
import { CREDENTIAL_CORE } from './credentials.module.js';
import type { CredentialCore } from '../credentials/create-credential-core.js';

/** What operators and verifiers read: health, metrics, published keys, metadata. */
@Module({
  controllers: [
    HealthController,
    MetricsController,
    JwksController,
    AuthorizationServerMetadataController,
    ProtectedResourceMetadataController,
    ResourceMetadataController,
    AuthzenConfigurationController,
    StatusListsController,
  ],
  providers: [
    PublishedMetadata,
    Readiness,
    {
      provide: StatusLists,
      inject: [DataSource, CREDENTIAL_CORE, CONFIG],
      useFactory: createStatusLists,
    },
    {
      provide: PublishedKeys,
      inject: [CREDENTIAL_CORE],
      useFactory: ({ keyring }: CredentialCore): PublishedKeys => ({ jwks: () => keyring.jwks }),
    },
    {
      provide: READINESS_PROBES,
      inject: [DataSource, CREDENTIAL_CORE],
      useFactory: readinessProbes,
    },
  ],
})
export class OperationsModule {}

function createStatusLists(
  dataSource: DataSource,
  { keyStates: states, revocations, freshness, keyring }: CredentialCore,
  { issuer }: Config,
): StatusLists {
  return new StatusLists({
    issuer,
    states,
    revocations,
    freshness,
    signer: new StatusListSigner(issuer, keyring),
    loadTokens: (listId) => loadTokenStatuses(dataSource, listId),
    loadIds: () => loadStatusListIds(dataSource),
  });
}

function readinessProbes(
  dataSource: DataSource,
  { freshness, keyring }: CredentialCore,
): readonly ReadinessProbe[] {
  return [
    { check: 'database', isReady: () => dataSource.query('SELECT 1').then(() => true) },
    { check: 'change_feed', isReady: () => freshness.isFresh() },
    { check: 'signing_keys', isReady: () => keyring.jwks.keys.length > 0 },
  ];
}
