import { keySetFromJwks, RemoteKeySet } from '@countersign/verify';
import { CredentialVerifier, type ServiceParts } from './credential-verifier.js';
import { DpopVerifier } from './dpop/dpop-verifier.js';
import { RevocationFeed } from './feed/revocation-feed.js';
import { RevocationMemory } from './feed/revocation-memory.js';
import { AnswerMemory, SETTLING_MS } from './introspection/answer-memory.js';
import { Answers } from './introspection/answers.js';
import { Introspector } from './introspection/introspector.js';
import { OwnTokenVerifier } from './local/own-token-verifier.js';
import { RunningVerifier } from './running-verifier.js';
import { readVerifierOptions, type VerifierSettings } from './read-verifier-options.js';
import { RequestVerifier } from './request-verifier.js';
import { Challenges } from './request/challenges.js';
import { ServiceConnection } from './service/service-connection.js';
import type { Verifier } from './verifier.js';
import type { VerifierOptions } from './verifier-options.js';
import { VerifierReports } from './verifier-reports.js';

/** Keys are fetched anew beside, at half the age past which they would have to be. */
const KEYS_REFRESH_SECONDS = 300;

/**
 * Creates the verifier of a backend: one for the life of the process. With a `credential` it begins to
 * follow the feed of revocations at once, beside, and does so until it is closed.
 *
 * @throws {TypeError} when an option is not usable; the message says what to do
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readVerifierOptions(options);
  const { clock, jwksUri, issuer } = settings;
  const reports = new VerifierReports(options.hooks ?? {}, clock);
  const challenges = new Challenges(settings.realm, options.dpop !== undefined);
  const keySet = new RemoteKeySet(
    {
      issuer,
      jwksUri,
      times: { refreshAgeSeconds: KEYS_REFRESH_SECONDS, ...options.keySetTimes },
      allowInsecureHttp: options.allowInsecureHttp,
      fetch: settings.fetch,
      monotonicMs: clock.monotonicMs,
    },
    keySetFromJwks,
  );
  const ownTokens = new OwnTokenVerifier(settings, keySet);
  const service = connectService(options, settings, keySet, reports);
  const dpop = options.dpop && new DpopVerifier(options.dpop, settings.clockToleranceSeconds);
  const credentials = new CredentialVerifier({ settings, challenges, ownTokens, service });
  const requests = new RequestVerifier({ credentials, challenges, dpop, clock });
  return new RunningVerifier({
    settings,
    keySet,
    ownTokens,
    service,
    requests,
    challenges,
    reports,
  });
}

/** All that needs the backend's own credential; undefined without one. */
function connectService(
  { credential, tracer }: VerifierOptions,
  settings: VerifierSettings,
  keySet: RemoteKeySet,
  reports: VerifierReports,
): ServiceParts | undefined {
  if (credential === undefined) return undefined;
  const { audiences, clock, introspection, issuer, limitMs, policy } = settings;
  const service = new ServiceConnection(settings.serviceUrl, credential, settings.fetch);
  const revocations = new RevocationMemory(clock, introspection.cacheTtlMs + SETTLING_MS);
  const isUnlimited = policy === 'continue';
  const memory = new AnswerMemory({
    size: introspection.cacheSize,
    ttlMs: introspection.cacheTtlMs,
    negativeSize: introspection.cacheSize,
    negativeTtlMs: introspection.negativeTtlMs,
    limitMs,
    audiences,
    revocations,
  });
  const feed = new RevocationFeed({
    service,
    issuer,
    audience: audiences.length === 1 ? audiences[0] : undefined,
    limitMs,
    clock,
    sink: {
      coverIs: (organization) => revocations.coverIs(organization),
      apply(entries) {
        revocations.apply(entries);
        // Another key signs in the place of a compromised one at once, before any cache has seen it.
        if (entries.some(({ type }) => type === 'kid')) keySet.doubt();
      },
      isIncomplete: (nowSeconds) => revocations.isIncomplete(nowSeconds),
      // What was answered before may name what is no more.
      reset: () => {
        revocations.reset();
        memory.clear();
      },
    },
    onEvent: reports.feed,
    onCallerRefused: (status) => reports.callerRefused('revocations', status),
  });
  const introspector = new Introspector({
    ...introspection,
    service,
    clock,
    tracer,
    onEvent: reports.introspected,
    onCallerRefused: (status) => reports.callerRefused('introspection', status),
  });
  const answers = new Answers({
    introspector,
    memory,
    clock,
    limitMs: isUnlimited ? Infinity : limitMs,
    isFeedFresh: (now) => isUnlimited || feed.ageMs(now) <= limitMs,
  });
  return { feed, revocations, answers };
}
