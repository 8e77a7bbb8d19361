import { REVOCATION_HEARTBEAT_MAX_MS } from '@countersign/contracts';
import { z } from 'zod';
import { addressBlocks } from './address-blocks.js';
import { databaseUrl } from './database-url.js';
import { issuerUrl } from './issuer-url.js';
import { secretList } from './secret-list.js';
import { wholeNumber } from './whole-number.js';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const CLIENT_CERT_HEADERS = [
  'none',
  'client-cert',
  'x-ssl-client-cert',
  'x-forwarded-client-cert',
] as const;
const INSECURE_HTTP = ['none', 'loopback', 'any'] as const;
export type ClientCertHeader = Exclude<(typeof CLIENT_CERT_HEADERS)[number], 'none'>;
export type LogLevel = (typeof LOG_LEVELS)[number];

const path = z.string().refine((text) => !text.includes('\0'), 'must be a path');
const ms = 'milliseconds';

/**
 * Every environment variable that the service reads, in the order of the documentation, which is
 * generated from here (`docs/configuration.md`). `whenUnset` says what a missing one means where
 * there is no plain default.
 */
export const variables = z.object({
  DATABASE_URL: databaseUrl.optional().meta({
    description:
      'Postgres to use, like `postgres://user:password@host:5432/database`. Several replicas may share it.',
    whenUnset: 'an embedded Postgres under `COUNTERSIGN_DATA_DIR`, for one process',
  }),
  COUNTERSIGN_DATA_DIR: path.default('.countersign').meta({
    description:
      'Folder for what the service keeps on disk: the embedded database, its secret, the first key.',
  }),
  PORT: wholeNumber(0, 65535).default(8080).meta({
    description:
      'TCP port to listen on. 0 lets the system choose one; set `COUNTERSIGN_ISSUER` as well then.',
  }),
  HOST: z
    .string()
    .regex(/^[0-9A-Za-z.:_-]{1,253}$/, 'must be an IP address or a host name')
    .default('127.0.0.1')
    .meta({ description: 'Address to listen on. `0.0.0.0` listens on all IPv4 interfaces.' }),
  COUNTERSIGN_EXT_AUTHZ_PORT: wholeNumber(0, 65535).optional().meta({
    description:
      "TCP port, on `HOST`, for Envoy's ext_authz over gRPC (`docs/gateways.md`). Unencrypted, and whoever reaches it is believed: for Envoy alone. 0 lets the system choose one.",
    whenUnset: 'not served',
  }),
  COUNTERSIGN_ISSUER: issuerUrl.optional().meta({
    description:
      'The issuer identifier: the URL under which clients reach the service, without trailing slash. Stands in every token as `iss`.',
    whenUnset: '`http://localhost:$PORT`, or `https` where the service terminates TLS itself',
  }),
  COUNTERSIGN_SECRET: secretList.optional().meta({
    description:
      'Secrets that the keys at rest and the tags of API keys derive from, each of at least 32 characters, separated by commas or line ends. The first is used for what is new; all are used for what is there.',
    whenUnset:
      'with the embedded database one is made in `COUNTERSIGN_DATA_DIR`; with Postgres the service refuses to start',
  }),
  COUNTERSIGN_SECRET_FILE: path.optional().meta({
    description: 'File to read the secrets from, instead of `COUNTERSIGN_SECRET`.',
    whenUnset: 'not read',
  }),
  COUNTERSIGN_BOOTSTRAP_KEY_FILE: path.optional().meta({
    description:
      "File that the first administrator's API key is written to, with mode 0600, at the first start on an empty database.",
    whenUnset: '`admin.key` in `COUNTERSIGN_DATA_DIR`',
  }),
  COUNTERSIGN_KEY_PREFIX: z
    .string()
    .regex(/^[a-z0-9]{1,8}$/, 'must be 1 to 8 lower-case letters or digits')
    .default('cs')
    .meta({ description: 'What API keys start with: `cs` makes `cs_live_…` and `cs_test_…`.' }),
  COUNTERSIGN_MAX_STALENESS_MS: wholeNumber(100, 300_000, ms).default(5000).meta({
    description:
      'The lease: how long answers may be given from memory when the database cannot be reached, in milliseconds. After that the answer is 503. A revocation waits as long for a replica that has died or cannot be reached.',
  }),
  COUNTERSIGN_CONFIRM_WAIT_MS: wholeNumber(0, 300_000, ms).optional().meta({
    description:
      'How long a revocation waits until no replica accepts any more what was revoked, in milliseconds. After that the answer is 202, which confirms nothing yet.',
    whenUnset: 'the lease with its margin, and a second: longer than any replica can delay it',
  }),
  COUNTERSIGN_ACCESS_TOKEN_TTL_SECONDS: wholeNumber(1, 86_400, 'seconds').default(300).meta({
    description: 'Lifetime of an access token where its resource server sets none, in seconds.',
  }),
  COUNTERSIGN_ARGON2_MEMORY_KIB: wholeNumber(8, 4_194_304, 'KiB').default(1024).meta({
    description:
      'argon2id memory for the secrets of our own keys, in KiB. A changed parameter re-hashes a key at its next use.',
  }),
  COUNTERSIGN_ARGON2_TIME_COST: wholeNumber(1, 1000)
    .default(1)
    .meta({ description: 'argon2id passes for the secrets of our own keys.' }),
  COUNTERSIGN_ARGON2_PARALLELISM: wholeNumber(1, 255)
    .default(1)
    .meta({ description: 'argon2id lanes for the secrets of our own keys.' }),
  COUNTERSIGN_ARGON2_MAX_WAIT_MS: wholeNumber(0, 60_000, ms).default(5000).meta({
    description:
      'How long a first use of a key may wait for argon2, in milliseconds. Past that the answer is 503 with Retry-After.',
  }),
  COUNTERSIGN_CACHE_MAX_KEYS: wholeNumber(1, 100_000_000).default(200_000).meta({
    description: 'How many key versions are kept in memory. Those used longest ago go first.',
  }),
  COUNTERSIGN_DATABASE_POOL_SIZE: wholeNumber(1, 1000)
    .default(10)
    .meta({ description: 'Most connections to the database at a time, for each process.' }),
  COUNTERSIGN_DATABASE_TIMEOUT_MS: wholeNumber(100, 60_000, ms).default(2000).meta({
    description: 'How long to wait for a connection or for a statement, in milliseconds.',
  }),
  COUNTERSIGN_TRUSTED_PROXIES: addressBlocks.default([]).meta({
    description:
      'Addresses or CIDR blocks, separated by commas, of the proxies whose `X-Forwarded-For` is believed, and what gateways tell `/forward-auth` of the end client.',
    whenUnset: 'none: the client is who opened the connection',
  }),
  COUNTERSIGN_TLS_CERT_FILE: path.optional().meta({
    description:
      'PEM file with the certificate of the service and those of its issuers: it terminates TLS itself then, and asks clients for a certificate, which they need not have.',
    whenUnset: 'plain HTTP; a proxy terminates TLS',
  }),
  COUNTERSIGN_TLS_KEY_FILE: path.optional().meta({
    description: 'PEM file with the private key of the certificate, without a passphrase.',
    whenUnset: 'plain HTTP; a proxy terminates TLS',
  }),
  COUNTERSIGN_CLIENT_CERT_HEADER: z
    .enum(CLIENT_CERT_HEADERS, `must be one of ${CLIENT_CERT_HEADERS.join(', ')}`)
    .default('none')
    .meta({
      description:
        "Header by which the proxies of `COUNTERSIGN_TRUSTED_PROXIES`, and nobody else, tell the client's certificate: `none`, `client-cert` (RFC 9440), `x-ssl-client-cert` (nginx's `$ssl_client_escaped_cert`) or `x-forwarded-client-cert` (Envoy). The proxy must remove what clients send under that name.",
    }),
  COUNTERSIGN_CLIENT_CA_FILE: path.optional().meta({
    description:
      'PEM file with the certificates of the authorities that may say who a client is, for `tls_client_auth` (RFC 8705 §2.1).',
    whenUnset: 'no authority is trusted; only registered certificates are',
  }),
  COUNTERSIGN_FEDERATION_INSECURE_HTTP: z
    .enum(INSECURE_HTTP, `must be one of ${INSECURE_HTTP.join(', ')}`)
    .default('none')
    .meta({
      description:
        'Where the keys of trusted issuers may be fetched over plain HTTP: `none`, `loopback` (this machine) or `any`, which lets the network choose the keys.',
    }),
  COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES: addressBlocks.default([]).meta({
    description:
      'Addresses or CIDR blocks, separated by commas, that keys of trusted issuers may be fetched from although they are not public, like `10.96.0.1` for the API server of a Kubernetes cluster.',
    whenUnset: 'none: private, loopback and link-local addresses are refused',
  }),
  COUNTERSIGN_FEDERATION_STALE_KEYS_SECONDS: wholeNumber(600, 604_800, 'seconds')
    .default(86_400)
    .meta({
      description:
        'How long the keys of a trusted issuer that cannot be reached are used on, in seconds. After that its tokens, and only its, are answered 503.',
    }),
  COUNTERSIGN_FEDERATION_EXPIRY_LEEWAY_SECONDS: wholeNumber(0, 60, 'seconds').default(0).meta({
    description: "How long after its `exp` a trusted issuer's token is accepted, in seconds.",
  }),
  COUNTERSIGN_LOG_LEVEL: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .meta({ description: `Least severe level that is logged: ${LOG_LEVELS.join(', ')}.` }),
  COUNTERSIGN_REVOCATION_HEARTBEAT_MS: wholeNumber(50, REVOCATION_HEARTBEAT_MAX_MS, ms)
    .default(250)
    .meta({
      description:
        'Time between two heartbeats of `/revocations/stream`, in milliseconds. A local verifier knows that it is up to date as of the last one.',
    }),
  COUNTERSIGN_REVOCATION_STREAMS_MAX: wholeNumber(1, 100_000).default(5_000).meta({
    description:
      'How many streams of revocations may be open at a time, for each process. Beyond that the answer is 503 with Retry-After.',
  }),
  COUNTERSIGN_SHUTDOWN_GRACE_MS: wholeNumber(0, 300_000, ms).default(10_000).meta({
    description:
      'How long requests in progress may still take after SIGTERM or SIGINT, in milliseconds.',
  }),
});

export type Variables = z.output<typeof variables>;
export type VariableName = keyof Variables;

/** The names of all variables, in the order of the documentation. */
export const VARIABLE_NAMES = Object.keys(variables.shape) as VariableName[];
