import { randomBytes } from 'node:crypto';
import type { RejectionCode } from '@countersign/contracts';
import type { RequestContext } from '@countersign/verify';
import { Authenticator } from '../src/authenticate/authenticator.js';
import type { DecisionContext } from '../src/authenticate/decision-context.js';
import { AccessTokenVerifier } from '../src/authenticate/verify-access-token.js';
import { ClientAssertionVerifier } from '../src/authenticate/verify-client-assertion.js';
import { ClientCertificateVerifier } from '../src/authenticate/verify-client-certificate.js';
import { CertificateAuthorities } from '../src/certificates/certificate-authorities.js';
import { ApiKeyVerifier, type Argon2Outcome } from '../src/authenticate/verify-api-key.js';
import { FederatedTokenVerifier } from '../src/authenticate/verify-federated-token.js';
import { FederatedKeySets, type KeySetOptions } from '../src/federation/federated-key-sets.js';
import { IdentityIds } from '../src/federation/identity-ids.js';
import type { ResolveIdentity } from '../src/federation/resolve-identity.js';
import type { TrustedIssuerPolicy } from '../src/federation/trusted-issuer-policy.js';
import { TrustedIssuers } from '../src/federation/trusted-issuers.js';
import { Argon2Queue } from '../src/keys/argon2-queue.js';
import { KeyTagger } from '../src/keys/key-tagger.js';
import { createMintApiKey } from '../src/keys/mint-api-key.js';
import type { Argon2Parameters } from '../src/keys/secret-hasher.js';
import { RevocationLog } from '../src/revocation/revocation-log.js';
import { Keyring } from '../src/signing/keyring.js';
import type { SigningKeyRecord } from '../src/signing/signing-key-record.js';
import { ApiKeyDigest } from '../src/state/api-key-digest.js';
import type { KeyState } from '../src/state/key-state.js';
import { KeyStates } from '../src/state/key-states.js';
import { MemoryFreshness } from '../src/state/memory-freshness.js';
import { AccessTokenIssuer } from '../src/tokens/issue-access-token.js';
import type { ResourceServerPolicy } from '../src/tokens/resource-server-policy.js';
import { ResourceServers } from '../src/tokens/resource-servers.js';
import { clientIds } from './assertion-client.js';
import { Database } from './database.js';
import { HeldHasher } from './held-hasher.js';
import { ISSUER, keyState, NOW_MS } from './key-state.js';
import { oneOfEach, sealer } from './signing-keys.js';

export const CHEAP: Argon2Parameters = { memoryKib: 1024, timeCost: 1, parallelism: 1 };
const PREFIX = 'cs';

export interface CoreOptions {
  readonly argon2?: Argon2Parameters;
  readonly queue?: Argon2Queue;
  readonly signingKeys?: SigningKeyRecord[];
  readonly resourceServers?: ResourceServerPolicy[];
  readonly trustedIssuers?: TrustedIssuerPolicy[];
  readonly resolveIdentity?: ResolveIdentity;
  readonly expiryLeewaySeconds?: number;
  readonly keySets?: KeySetOptions;
  readonly authorities?: CertificateAuthorities;
}

/** All parts of the domain put together, with everything real but the database. */
export async function createCore(options: CoreOptions = {}) {
  const signingKeys = options.signingKeys ?? (await oneOfEach());
  const resourceServerPolicies = options.resourceServers ?? [];
  const lease = { since: { monotonicMs: 0, wallMs: 0 }, leaseMs: 1_000 };
  const argon2Runs: Argon2Outcome[] = [];
  const rehashed: { versionId: string; oldHash: string; newHash: string }[] = [];
  const rejections: RejectionCode[] = [];

  const database = new Database();
  const tagger = new KeyTagger([randomBytes(32)]);
  const hasher = new HeldHasher(options.argon2 ?? CHEAP);
  const digest = new ApiKeyDigest();
  const states = new KeyStates({
    readKeyState: database.readKeyState,
    issuer: ISSUER,
    capacity: 100,
  });
  const keyring = new Keyring(async () => [...signingKeys], sealer);
  const resourceServers = new ResourceServers(async () => [...resourceServerPolicies]);
  const revocations = new RevocationLog(async () => ({ position: 0, revocations: [] }));
  const trustedIssuerPolicies = options.trustedIssuers ?? [];
  const trustedIssuers = new TrustedIssuers(ISSUER, async () => [...trustedIssuerPolicies]);
  database.follow(keyring, resourceServers, revocations, trustedIssuers, states);
  await keyring.reset();
  await resourceServers.reset();
  await trustedIssuers.reset();

  const apiKeys = new ApiKeyVerifier({
    keyPrefix: PREFIX,
    tagger,
    digest,
    states,
    hasher,
    queue: options.queue ?? new Argon2Queue({ concurrency: 2, maxWaitMs: 10_000 }),
    storeRehashedSecret: async (versionId, oldHash, newHash) => {
      rehashed.push({ versionId, oldHash, newHash });
    },
    onArgon2Run: (outcome) => argon2Runs.push(outcome),
  });
  const accessTokens = new AccessTokenVerifier({
    issuer: ISSUER,
    keyring,
    states,
    memoryBytes: 1_000_000,
  });
  const federatedTokens = new FederatedTokenVerifier({
    issuers: trustedIssuers,
    keySets: new FederatedKeySets(options.keySets ?? {}),
    states,
    identityIds: new IdentityIds(options.resolveIdentity ?? (async () => null), 100),
    expiryLeewaySeconds: options.expiryLeewaySeconds ?? 0,
    memoryBytes: 1_000_000,
  });
  const usedAssertions = new Map<string, Date>();
  const assertionStore = { beforeUse: async (): Promise<void> => {} };
  const clientAssertions = new ClientAssertionVerifier({
    issuer: ISSUER,
    clientIds,
    states,
    use: async (clientId, jti, expiresAt) => {
      await assertionStore.beforeUse();
      const id = `${clientId} ${jti}`;
      if (usedAssertions.has(id)) return false;
      usedAssertions.set(id, expiresAt);
      return true;
    },
  });
  const authenticator = new Authenticator({
    keyPrefix: PREFIX,
    apiKeys,
    states,
    accessTokens,
    federatedTokens,
    issuer: ISSUER,
    clientAssertions,
    clientCertificates: new ClientCertificateVerifier({
      clientIds,
      states,
      authorities: options.authorities ?? new CertificateAuthorities([]),
    }),
    revocations,
    resourceServers,
    freshness: new MemoryFreshness(lease, { monotonicMs: () => 0, wallMs: () => 0 }),
    onRejection: (_kind, { code }) => rejections.push(code),
  });
  const tokens = new AccessTokenIssuer({
    registerStatus: async ({ jti }) => ({
      status_list: { idx: jti.length, uri: `${ISSUER}/list` },
    }),
    issuer: ISSUER,
    defaultTtlSeconds: 300,
    keyring,
    resourceServers,
  });

  /** Makes a key, puts it into the database, and gives it as its holder has it. */
  async function newKey(overrides: Partial<KeyState> = {}): Promise<string> {
    const { apiKey, versionId, secretHash } = await createMintApiKey(
      PREFIX,
      tagger,
      hasher,
    )(overrides.environment ?? 'live');
    await database.insert(keyState({ versionId, secretHash, ...overrides }));
    return apiKey;
  }

  /** What becomes of a credential: the code of its rejection, or `accepted`. */
  async function outcomeOf(
    credential: string,
    context: Partial<DecisionContext> = {},
  ): Promise<RejectionCode | 'accepted'> {
    const outcome = await authenticator.authenticate(credential, useAt(context));
    return outcome.ok ? 'accepted' : outcome.code;
  }

  /** An access token for a key that is in the database. */
  async function newToken(
    apiKey: string,
    { audience = [], request }: { audience?: string[]; request?: RequestContext } = {},
  ): Promise<string> {
    const feedPosition = database.position;
    const context = useAt({ request, purpose: 'exchange' });
    const subject = await authenticator.authenticate(apiKey, context);
    if (!subject.ok) throw new Error(`the key was turned away: ${subject.code}`);
    const asked = { scope: undefined, audience, nowMs: NOW_MS, feedPosition };
    const issued = await tokens.issue({ subject, ...asked });
    if (!issued.ok) throw new Error(issued.detail);
    return issued.accessToken;
  }

  return {
    database,
    tagger,
    hasher,
    states,
    keyring,
    signingKeys,
    resourceServers,
    revocations,
    trustedIssuers,
    trustedIssuerPolicies,
    apiKeys,
    accessTokens,
    federatedTokens,
    authenticator,
    tokens,
    /** Monotonic ms as of which memory is right; the clock stands at 0. */
    lease,
    usedAssertions,
    /** `beforeUse` runs before an assertion is marked as used. */
    assertionStore,
    argon2Runs,
    rehashed,
    rejections,
    newKey,
    newToken,
    outcomeOf,
  };
}

export function useAt(context: Partial<DecisionContext> = {}): DecisionContext {
  return { nowMs: NOW_MS, audience: undefined, request: undefined, purpose: 'use', ...context };
}

/** The id of the version inside an API key. */
export function versionIdOf(apiKey: string): string {
  return apiKey.slice('cs_live_'.length, 'cs_live_'.length + 16);
}
