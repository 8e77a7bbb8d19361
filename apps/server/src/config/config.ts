import type { X509Certificate } from 'node:crypto';
import type { Secret } from '@countersign/core';
import type { ClientCertHeader, LogLevel } from './variables.js';

/** Injection token of the {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/** What the service was told by its environment, checked. Paths are absolute. */
export interface Config {
  /** TCP port; 0: the system chooses. */
  readonly port: number;
  readonly host: string;
  /** TCP port of Envoy's ext_authz over gRPC; 0: the system chooses; `null`: not served. */
  readonly extAuthzPort: number | null;
  /** Issuer identifier: a URL without trailing slash. */
  readonly issuer: string;
  readonly dataDir: string;
  readonly bootstrapKeyFile: string;
  /** Newest first. `null` only with the embedded database: then `embeddedSecret` has one. */
  readonly secrets: readonly [Secret, ...Secret[]] | null;
  readonly keyPrefix: string;
  readonly accessTokenTtlSeconds: number;
  /** How long the lease to answer from memory holds. */
  readonly maxStalenessMs: number;
  /** How long a revocation waits for all replicas. */
  readonly confirmWaitMs: number;
  readonly cacheMaxKeys: number;
  readonly database: {
    /** `null`: the embedded database. */
    readonly url: Secret | null;
    readonly poolSize: number;
    readonly timeoutMs: number;
  };
  readonly argon2: {
    readonly memoryKib: number;
    readonly timeCost: number;
    readonly parallelism: number;
    readonly maxWaitMs: number;
  };
  /** Addresses and CIDR blocks; empty: no proxy is trusted. */
  readonly trustedProxies: readonly string[];
  /** What the service terminates TLS with; null: plain HTTP. */
  readonly tls: {
    /** PEM. */
    readonly certificate: string;
    /** PEM. */
    readonly privateKey: Secret;
  } | null;
  readonly clientCertificates: {
    /** In which trusted proxies tell them; null: in none. */
    readonly header: ClientCertHeader | null;
    /** Who may say who a client is; empty: nobody. */
    readonly authorities: readonly X509Certificate[];
  };
  readonly federation: {
    readonly allowInsecureHttp: boolean | 'loopback';
    /** Addresses and CIDR blocks that are not public, and allowed all the same. */
    readonly privateAddresses: readonly string[];
    readonly staleKeysSeconds: number;
    /** 0 to 60. */
    readonly expiryLeewaySeconds: number;
  };
  readonly revocationStreams: {
    readonly heartbeatMs: number;
    /** At a time, in this process. */
    readonly max: number;
  };
  readonly logLevel: LogLevel;
  readonly shutdownGraceMs: number;
}
