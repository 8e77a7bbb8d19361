import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  AccessTokenIssuer,
  AccessTokenVerifier,
  ApiKeyVerifier,
  Argon2Queue,
  Authenticator,
  BindingVerifier,
  CertificateAuthorities,
  ClientAssertionVerifier,
  ClientCertificateVerifier,
  ApiKeyDigest,
  FederatedKeySets,
  FederatedTokenVerifier,
  IdentityIds,
  IntrospectionSigner,
  InternalTokens,
  Keyring,
  KeyStates,
  MemoryFreshness,
  type PropagationWaiter,
  type ReadKeyState,
  ReplicaLease,
  type ReplicaWatch,
  ResourceServers,
  RevocationLog,
  TrustedIssuers,
  SpentProofs,
} from '@countersign/core';
import {
  ChangeFollower,
  createReadKeyState,
  createUseClientAssertion,
  loadResourceServers,
  loadRevocations,
  loadSigningKeys,
  loadTrustedIssuers,
  StatusListPlaces,
  storeRehashedSecret,
} from '@countersign/persistence';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { createPropagation } from './create-propagation.js';
import { statusListUri } from '../endpoints/status-lists/status-list-uri.js';
import { createGuardedFetch } from './guarded-fetch.js';
import type { KeyMaterial } from './key-material.js';
import { createProvisionIdentity } from './provision-identity.js';
import { reportKeyFetches } from './report-key-fetches.js';
import { reportRejection } from './report-rejection.js';

// libuv's pool has four threads unless told otherwise; RSA signatures want one as well.
const ARGON2_THREADS_MAX = 3;
// Longer than a statement may take: in a rush of first uses the database is not what is slow, and
// when it is gone, the first statement that finds it so speaks for all who wait.
const COLD_READ_MAX_WAIT_MS = 10_000;
// The first ones are slower than all that follow.
const ARGON2_TRIALS = 8;
const REMEMBERED_TOKENS_BYTES = 128 * 1024 * 1024;
const REMEMBERED_FEDERATED_TOKENS_BYTES = 32 * 1024 * 1024;
// Looks at the feed that nobody asked for. Local verifiers learn from them how fresh they are.
const LOOK_EVERY_MS = 100;
// A renewal waits for the disk of the database, which a look does not: twice a second is cheap, and
// leaves nine tenths of the lease for an outage.
const RENEW_EVERY_MS = 500;
// Half of the maximum age: the keys of an issuer that is in use and in reach are always fresh.
const TRUSTED_KEYS_REFRESH_SECONDS = 300;

/** Everything that a credential meets on its way, made of the domain's parts and the database. */
export interface CredentialCore {
  readonly keyStates: KeyStates;
  readonly revocations: RevocationLog;
  readonly keyring: Keyring;
  readonly resourceServers: ResourceServers;
  readonly freshness: MemoryFreshness;
  readonly replicas: ReplicaWatch;
  readonly propagation: PropagationWaiter;
  readonly follower: ChangeFollower;
  readonly authenticator: Authenticator;
  readonly tokens: AccessTokenIssuer;
  readonly introspectionSigner: IntrospectionSigner;
  readonly bindings: BindingVerifier;
  readonly internalTokens: InternalTokens;
  /** Runs argon2 a few times: its queue should know what a run costs before keys come in numbers. */
  measureArgon2(): Promise<void>;
}

export interface CredentialCoreParts {
  readonly config: Config;
  readonly keyMaterial: KeyMaterial;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Puts the parts together. Nothing is read or followed until `follower.start()`. */
export function createCredentialCore(parts: CredentialCoreParts): CredentialCore {
  const { config, keyMaterial, dataSource, metrics, logger } = parts;
  const { issuer, keyPrefix } = config;
  const digest = new ApiKeyDigest();
  const keyStates = new KeyStates({
    readKeyState: counted(createReadKeyState(dataSource, coldReads(config)), metrics),
    issuer,
    capacity: config.cacheMaxKeys,
  });
  const revocations = new RevocationLog(() => loadRevocations(dataSource));
  const resourceServers = new ResourceServers(() => loadResourceServers(dataSource));
  const trustedIssuers = new TrustedIssuers(issuer, () => loadTrustedIssuers(dataSource));
  const keyring = new Keyring(() => loadSigningKeys(dataSource), keyMaterial.sealer);
  const leaseMs = config.maxStalenessMs;
  const lease = new ReplicaLease(leaseMs, Math.min(RENEW_EVERY_MS, leaseMs / 10), () =>
    metrics.leaseLapses.increment(),
  );
  const follower = new ChangeFollower({
    url: parts.databaseUrl,
    // The key states come last: a request that reads one anew then meets the rest up to date.
    sinks: [keyring, resourceServers, revocations, trustedIssuers, keyStates],
    lease,
    log: (level, message, fields) => logger[level](fields, message),
    pollIntervalMs: Math.min(LOOK_EVERY_MS, leaseMs / 10),
  });
  const freshness = new MemoryFreshness(lease);
  const queue = new Argon2Queue({
    concurrency: Math.min(availableParallelism(), ARGON2_THREADS_MAX),
    maxWaitMs: config.argon2.maxWaitMs,
  });
  const apiKeys = new ApiKeyVerifier({
    keyPrefix,
    tagger: keyMaterial.tagger,
    digest,
    states: keyStates,
    hasher: keyMaterial.hasher,
    queue,
    storeRehashedSecret: (versionId, oldHash, newHash) =>
      storeRehashedSecret(dataSource, versionId, oldHash, newHash),
    onArgon2Run: (outcome) => metrics.argon2Runs.increment(outcome),
  });
  const accessTokens = new AccessTokenVerifier({
    issuer,
    keyring,
    states: keyStates,
    memoryBytes: REMEMBERED_TOKENS_BYTES,
  });
  const federatedTokens = new FederatedTokenVerifier({
    issuers: trustedIssuers,
    keySets: new FederatedKeySets({
      allowInsecureHttp: config.federation.allowInsecureHttp,
      fetch: reportKeyFetches(
        createGuardedFetch(config.federation.privateAddresses),
        metrics,
        logger,
      ),
      times: {
        refreshAgeSeconds: TRUSTED_KEYS_REFRESH_SECONDS,
        staleLimitSeconds: config.federation.staleKeysSeconds,
      },
    }),
    states: keyStates,
    identityIds: new IdentityIds(createProvisionIdentity(dataSource), config.cacheMaxKeys),
    expiryLeewaySeconds: config.federation.expiryLeewaySeconds,
    memoryBytes: REMEMBERED_FEDERATED_TOKENS_BYTES,
  });
  const clientAssertions = new ClientAssertionVerifier({
    issuer,
    clientIds: keyMaterial.clientIds,
    states: keyStates,
    use: createUseClientAssertion(dataSource),
  });
  const clientCertificates = new ClientCertificateVerifier({
    clientIds: keyMaterial.clientIds,
    states: keyStates,
    authorities: new CertificateAuthorities(config.clientCertificates.authorities),
  });
  const spentProofs = new SpentProofs();
  const places = new StatusListPlaces(dataSource);

  const internalTokens = new InternalTokens({
    issuer,
    defaultTtlSeconds: config.accessTokenTtlSeconds,
    keyring,
    resourceServers,
    feed: follower,
  });

  metrics.argon2QueueLength.readFrom(() => queue.length);
  metrics.changeFeedPosition.readFrom(() => follower.appliedPosition);
  metrics.changeFeedAgeSeconds.readFrom(() => (performance.now() - follower.syncedAtMs) / 1000);
  metrics.leaseAgeSeconds.readFrom(() => freshness.ageMs / 1000);
  metrics.cacheEntries.watch('key_states', () => keyStates.size);
  metrics.cacheEntries.watch('access_tokens', () => accessTokens.size);
  metrics.cacheEntries.watch('federated_tokens', () => federatedTokens.size);
  metrics.cacheEntries.watch('internal_tokens', () => internalTokens.size);
  metrics.cacheEntries.watch('revocations', () => revocations.size);
  metrics.cacheEntries.watch('dpop_proofs', () => spentProofs.size);

  return {
    keyStates,
    revocations,
    keyring,
    resourceServers,
    freshness,
    ...createPropagation(dataSource, metrics, logger),
    follower,
    authenticator: new Authenticator({
      keyPrefix,
      apiKeys,
      states: keyStates,
      accessTokens,
      federatedTokens,
      issuer,
      clientAssertions,
      clientCertificates,
      revocations,
      resourceServers,
      freshness,
      onRejection: reportRejection(metrics, logger),
    }),
    tokens: new AccessTokenIssuer({
      registerStatus: async (token) => {
        const { listId, idx } = await places.register(token);
        return { status_list: { idx, uri: statusListUri(issuer, listId) } };
      },
      issuer,
      defaultTtlSeconds: config.accessTokenTtlSeconds,
      keyring,
      resourceServers,
    }),
    introspectionSigner: new IntrospectionSigner(issuer, keyring),
    internalTokens,
    bindings: new BindingVerifier({
      nonces: keyMaterial.dpopNonces,
      spent: spentProofs,
      onRefusal: (code) => metrics.dpopRefusals.increment(code),
    }),
    async measureArgon2() {
      for (let run = 0; run < ARGON2_TRIALS; run += 1) {
        await queue.run(() => keyMaterial.hasher.hash(randomUUID()));
      }
    },
  };
}

function coldReads({ database }: Config) {
  // The other half is for what changes and lists, which must go on while keys are met anew.
  const concurrency = Math.max(1, Math.floor(database.poolSize / 2));
  return { concurrency, maxWaitMs: COLD_READ_MAX_WAIT_MS };
}

function counted(read: ReadKeyState, metrics: Metrics): ReadKeyState {
  const reads = metrics.keyStateReads.series();
  return (versionId) => {
    reads.increment();
    return read(versionId);
  };
}
