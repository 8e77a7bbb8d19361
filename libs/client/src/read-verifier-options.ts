import { TOKEN_TYPES, type TokenTyp } from '@countersign/contracts';
import { type Fetch, parseSecureUrl } from '@countersign/verify';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import type { IntrospectionOptions, StalenessPolicy, VerifierOptions } from './verifier-options.js';

const POLICIES: readonly StalenessPolicy[] = ['introspect', 'refuse', 'continue'];

/** The options of a verifier, checked and with every default filled in. */
export interface VerifierSettings {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly types: readonly TokenTyp[];
  readonly clockToleranceSeconds: number;
  readonly limitMs: number;
  readonly policy: StalenessPolicy;
  readonly introspection: Required<{ [K in keyof IntrospectionOptions]: number }>;
  readonly tokenCacheSize: number;
  readonly serviceUrl: URL;
  readonly jwksUri: string | undefined;
  readonly realm: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/**
 * The options come from a backend's configuration, perhaps from untyped code: checked here.
 * @throws {TypeError} that says what to do
 */
export function readVerifierOptions(options: VerifierOptions): VerifierSettings {
  const { issuer, audience, types = ['at+jwt'], clockToleranceSeconds = 5 } = options;
  const audiences = typeof audience === 'string' ? [audience] : [...audience];
  if (!isName(issuer)) throw new TypeError('issuer must be a string that is not empty');
  if (audiences.length === 0 || !audiences.every(isName)) {
    throw new TypeError('audience must name at least one audience');
  }
  if (types.length === 0 || !types.every((typ) => TOKEN_TYPES.includes(typ))) {
    throw new TypeError(`types must be some of ${TOKEN_TYPES.join(', ')}`);
  }
  const { limitMs, policy } = readStaleness(options);
  const serviceUrl = parseSecureUrl(options.serviceUrl ?? issuer, options.allowInsecureHttp);
  const jwksUri =
    options.jwksUri ??
    (options.serviceUrl && `${serviceUrl.href.replace(/\/+$/, '')}/.well-known/jwks.json`);
  if (options.dpop !== undefined && !URL.canParse(options.dpop.baseUrl)) {
    throw new TypeError('dpop.baseUrl must be the URL by which clients reach this service');
  }
  const fetchImplementation: Fetch = options.fetch ?? ((url, init) => fetch(url, init));
  return {
    issuer,
    audiences,
    types: [...types],
    clockToleranceSeconds: readNumber('clockToleranceSeconds', clockToleranceSeconds, 0),
    limitMs,
    policy,
    introspection: readIntrospection(options.introspection ?? {}, limitMs, policy),
    tokenCacheSize: readNumber('tokenCacheSize', options.tokenCacheSize ?? 10_000, 1),
    serviceUrl,
    jwksUri,
    realm: options.realm ?? audiences[0] ?? issuer,
    clock: { ...SYSTEM_CLOCK, ...options.clock },
    fetch: fetchImplementation,
  };
}

function readStaleness({ credential, staleness = {} }: VerifierOptions) {
  const { policy = 'introspect' } = staleness;
  if (!POLICIES.includes(policy)) {
    throw new TypeError(`staleness.policy must be one of ${POLICIES.join(', ')}`);
  }
  if (credential === undefined && policy !== 'continue') {
    throw new TypeError(
      'without a credential no revocation reaches this backend before a token expires, and API keys ' +
        'are not accepted: give a credential with the scopes countersign:introspect and ' +
        "countersign:revocations:read, or say staleness: { policy: 'continue' } if that is what you want",
    );
  }
  if (typeof credential === 'string' && !isName(credential)) {
    throw new TypeError('credential must not be empty');
  }
  return { policy, limitMs: readNumber('staleness.limitMs', staleness.limitMs ?? 1000, 1) };
}

function readIntrospection(
  options: IntrospectionOptions,
  limitMs: number,
  policy: StalenessPolicy,
): VerifierSettings['introspection'] {
  const {
    cacheSize = 10_000,
    cacheTtlMs = 60_000,
    negativeTtlMs = 2000,
    concurrency = 32,
    queueSize = 256,
    timeoutMs = policy === 'continue' ? 1000 : limitMs,
  } = options;
  return {
    cacheSize: readNumber('introspection.cacheSize', cacheSize, 1),
    cacheTtlMs: readNumber('introspection.cacheTtlMs', cacheTtlMs, 0),
    negativeTtlMs: readNumber('introspection.negativeTtlMs', negativeTtlMs, 0),
    concurrency: readNumber('introspection.concurrency', concurrency, 1),
    queueSize: readNumber('introspection.queueSize', queueSize, 0),
    timeoutMs: readNumber('introspection.timeoutMs', timeoutMs, 1),
  };
}

function readNumber(name: string, value: number, least: number): number {
  if (!(value >= least && Number.isFinite(value))) {
    throw new TypeError(`${name} must be a number, at least ${least}`);
  }
  return value;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
