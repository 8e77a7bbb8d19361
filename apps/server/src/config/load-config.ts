import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { leaseOverAfterMs, type Secret } from '@countersign/core';
import { type CertificateFiles, readCertificateFiles } from './certificate-files.js';
import type { Config } from './config.js';
import { InvalidConfiguration } from './invalid-configuration.js';
import { secretList } from './secret-list.js';
import { unknownVariables } from './unknown-variables.js';
import { VARIABLE_NAMES, type VariableName, type Variables, variables } from './variables.js';

// Beyond a lease that has to run out: for the readings in between, on a slow database.
const CONFIRM_SLACK_MS = 1_000;

type Environment = Readonly<NodeJS.ProcessEnv>;
type Secrets = readonly [Secret, ...Secret[]];

/**
 * Makes the configuration of the service from the environment. Nothing else reads `process.env`.
 * @param env the environment; a variable that is set, but empty, is an error and not a default
 * @param readFile for the variables that name a file
 * @throws InvalidConfiguration with all that is wrong at once
 */
export function loadConfig(env: Environment, readFile = readUtf8): Config {
  const problems: string[] = [];
  const known = takeKnown(env, problems);
  const parsed = variables.safeParse(known);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      problems.push(`${name} ${issue.message}: ${advice(name as VariableName)}.`);
    }
  }
  const fileSecrets = readSecretFile(known.COUNTERSIGN_SECRET_FILE, readFile, problems);
  const certificateFiles = readCertificateFiles(known, readFile, problems);
  problems.push(...contradictions(env), ...unknownVariables(env));

  if (!parsed.success || problems.length > 0) throw new InvalidConfiguration(problems);
  const secrets = parsed.data.COUNTERSIGN_SECRET ?? fileSecrets;
  const memoryKib = parsed.data.COUNTERSIGN_ARGON2_MEMORY_KIB;
  const parallelism = parsed.data.COUNTERSIGN_ARGON2_PARALLELISM;
  if (memoryKib < 8 * parallelism) {
    throw new InvalidConfiguration([
      'COUNTERSIGN_ARGON2_MEMORY_KIB must be at least 8 times COUNTERSIGN_ARGON2_PARALLELISM ' +
        '(RFC 9106 §3.1): raise the one or lower the other.',
    ]);
  }
  return toConfig(parsed.data, secrets, certificateFiles);
}

/** The variables of ours that are set; one that is empty is reported and left out. */
function takeKnown(env: Environment, problems: string[]): Partial<Record<VariableName, string>> {
  const known: Partial<Record<VariableName, string>> = {};
  for (const name of VARIABLE_NAMES) {
    const value = env[name];
    if (value === '') problems.push(`${name} is set, but empty: give it a value, or remove it.`);
    else if (value !== undefined) known[name] = value;
  }
  return known;
}

function readSecretFile(
  path: string | undefined,
  readFile: (path: string) => string,
  problems: string[],
): Secrets | null {
  if (path === undefined) return null;
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    // Neither the path nor the error's message is repeated: the secret itself may stand there.
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    problems.push(
      `COUNTERSIGN_SECRET_FILE names a file that cannot be read (${code}): ` +
        'correct the path, or let the user of this process read the file.',
    );
    return null;
  }
  const secrets = secretList.safeParse(text);
  if (secrets.success) return secrets.data;
  for (const issue of secrets.error.issues) {
    problems.push(
      `COUNTERSIGN_SECRET_FILE names a file that ${issue.message}: correct the file's content.`,
    );
  }
  return null;
}

function contradictions(env: Environment): string[] {
  const { DATABASE_URL, COUNTERSIGN_SECRET, COUNTERSIGN_SECRET_FILE } = env;
  if (COUNTERSIGN_SECRET !== undefined && COUNTERSIGN_SECRET_FILE !== undefined) {
    return [
      'COUNTERSIGN_SECRET and COUNTERSIGN_SECRET_FILE are both set: remove one of them, ' +
        'since it could not be told which one counts.',
    ];
  }
  const hasSecret = (COUNTERSIGN_SECRET ?? COUNTERSIGN_SECRET_FILE) !== undefined;
  if (DATABASE_URL !== undefined && !hasSecret) {
    return [
      'COUNTERSIGN_SECRET is missing: with DATABASE_URL set, set it or COUNTERSIGN_SECRET_FILE to the ' +
        'same secret for all replicas; `openssl rand -base64 32` makes one.',
    ];
  }
  const { COUNTERSIGN_CLIENT_CERT_HEADER: header, COUNTERSIGN_TRUSTED_PROXIES } = env;
  if (header !== undefined && header !== 'none' && COUNTERSIGN_TRUSTED_PROXIES === undefined) {
    return [
      'COUNTERSIGN_CLIENT_CERT_HEADER is set without COUNTERSIGN_TRUSTED_PROXIES: name the proxies ' +
        'that send it, since it is believed from no other address.',
    ];
  }
  return [];
}

function advice(name: VariableName): string {
  const schema = variables.shape[name];
  if (!('defaultValue' in schema.def)) return 'correct it, or remove it';
  const value = schema.def.defaultValue;
  return Array.isArray(value)
    ? 'correct it, or remove it'
    : `correct it, or remove it to get the default, ${String(value)}`;
}

const INSECURE_HTTP = { none: false, loopback: 'loopback', any: true } as const;

function toConfig(
  values: Variables,
  secrets: Secrets | null,
  { tls, authorities }: CertificateFiles,
): Config {
  const header = values.COUNTERSIGN_CLIENT_CERT_HEADER;
  const scheme = tls === null ? 'http' : 'https';
  const dataDir = resolve(values.COUNTERSIGN_DATA_DIR);
  return {
    port: values.PORT,
    host: values.HOST,
    extAuthzPort: values.COUNTERSIGN_EXT_AUTHZ_PORT ?? null,
    issuer: values.COUNTERSIGN_ISSUER ?? `${scheme}://localhost:${values.PORT}`,
    dataDir,
    bootstrapKeyFile: resolve(values.COUNTERSIGN_BOOTSTRAP_KEY_FILE ?? `${dataDir}/admin.key`),
    secrets,
    keyPrefix: values.COUNTERSIGN_KEY_PREFIX,
    accessTokenTtlSeconds: values.COUNTERSIGN_ACCESS_TOKEN_TTL_SECONDS,
    maxStalenessMs: values.COUNTERSIGN_MAX_STALENESS_MS,
    confirmWaitMs:
      values.COUNTERSIGN_CONFIRM_WAIT_MS ??
      Math.ceil(leaseOverAfterMs(values.COUNTERSIGN_MAX_STALENESS_MS)) + CONFIRM_SLACK_MS,
    cacheMaxKeys: values.COUNTERSIGN_CACHE_MAX_KEYS,
    database: {
      url: values.DATABASE_URL ?? null,
      poolSize: values.COUNTERSIGN_DATABASE_POOL_SIZE,
      timeoutMs: values.COUNTERSIGN_DATABASE_TIMEOUT_MS,
    },
    argon2: {
      memoryKib: values.COUNTERSIGN_ARGON2_MEMORY_KIB,
      timeCost: values.COUNTERSIGN_ARGON2_TIME_COST,
      parallelism: values.COUNTERSIGN_ARGON2_PARALLELISM,
      maxWaitMs: values.COUNTERSIGN_ARGON2_MAX_WAIT_MS,
    },
    trustedProxies: values.COUNTERSIGN_TRUSTED_PROXIES,
    tls,
    clientCertificates: { header: header === 'none' ? null : header, authorities },
    federation: {
      allowInsecureHttp: INSECURE_HTTP[values.COUNTERSIGN_FEDERATION_INSECURE_HTTP],
      privateAddresses: values.COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES,
      staleKeysSeconds: values.COUNTERSIGN_FEDERATION_STALE_KEYS_SECONDS,
      expiryLeewaySeconds: values.COUNTERSIGN_FEDERATION_EXPIRY_LEEWAY_SECONDS,
    },
    revocationStreams: {
      heartbeatMs: values.COUNTERSIGN_REVOCATION_HEARTBEAT_MS,
      max: values.COUNTERSIGN_REVOCATION_STREAMS_MAX,
    },
    logLevel: values.COUNTERSIGN_LOG_LEVEL,
    shutdownGraceMs: values.COUNTERSIGN_SHUTDOWN_GRACE_MS,
  };
}

function readUtf8(path: string): string {
  return readFileSync(path, 'utf8');
}
