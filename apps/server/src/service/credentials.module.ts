import {
  AccessTokenIssuer,
  Authenticator,
  BindingVerifier,
  InternalTokens,
  IntrospectionSigner,
  PropagationWaiter,
  RefreshTokenMinter,
  ResourceServers,
  RevocationLog,
} from '@countersign/core';
import { ChangeFollower } from '@countersign/persistence';
import { parseSecureUrl } from '@countersign/verify';
import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  API_KEY_MINTER,
  CLIENT_IDS,
  SIGNING_KEY_FACTORY,
  SIGNING_KEY_POLICY,
  type SigningKeyPolicy,
  TRUSTED_ISSUER_POLICY,
  type TrustedIssuerPolicy,
} from '../admin/ports.js';
import { ClientCertificates } from '../client-certificates/client-certificates.js';
import { CONFIG, type Config } from '../config/config.js';
import { addressInUrl } from '../credentials/address-in-url.js';
import { CoreCallerAuthenticator } from '../credentials/core-caller-authenticator.js';
import type { CredentialCore } from '../credentials/create-credential-core.js';
import { isAddressAllowed } from '../credentials/is-address-allowed.js';
import type { KeyMaterial } from '../credentials/key-material.js';
import { DrainState } from '../endpoints/health/drain-state.js';
import { JWKS_MAX_AGE_SECONDS } from '../endpoints/jwks/jwks.controller.js';
import { CallerAuthenticator } from '../http/caller-authenticator.js';
import { Metrics } from '../observability/metrics.js';

/** Injection token of the {@link CredentialCore}. */
export const CREDENTIAL_CORE = Symbol('CREDENTIAL_CORE');

/** What exists before Nest does. */
export interface ServiceParts {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly metrics: Metrics;
  readonly core: CredentialCore;
  readonly keyMaterial: KeyMaterial;
  readonly drainState: DrainState;
}

/** What exists before Nest does, as providers for every module. */
@Module({})
export class CredentialsModule {
  static of({
    config,
    dataSource,
    metrics,
    core,
    keyMaterial,
    drainState,
  }: ServiceParts): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: DataSource, useValue: dataSource },
      { provide: DrainState, useValue: drainState },
      { provide: Metrics, useValue: metrics },
      { provide: CREDENTIAL_CORE, useValue: core },
      { provide: ChangeFollower, useValue: core.follower },
      { provide: PropagationWaiter, useValue: core.propagation },
      { provide: API_KEY_MINTER, useValue: keyMaterial.mintApiKey },
      { provide: RefreshTokenMinter, useValue: keyMaterial.refreshTokens },
      { provide: CLIENT_IDS, useValue: keyMaterial.clientIds },
      { provide: SIGNING_KEY_FACTORY, useValue: keyMaterial.generateSigningKey },
      { provide: SIGNING_KEY_POLICY, useValue: signingKeyPolicy(config) },
      { provide: TRUSTED_ISSUER_POLICY, useValue: trustedIssuerPolicy(config) },
      { provide: Authenticator, useValue: core.authenticator },
      { provide: AccessTokenIssuer, useValue: core.tokens },
      { provide: IntrospectionSigner, useValue: core.introspectionSigner },
      { provide: ResourceServers, useValue: core.resourceServers },
      { provide: BindingVerifier, useValue: core.bindings },
      { provide: InternalTokens, useValue: core.internalTokens },
      { provide: RevocationLog, useValue: core.revocations },
      ClientCertificates,
      { provide: CallerAuthenticator, useClass: CoreCallerAuthenticator },
    ];
    return { module: CredentialsModule, global: true, providers, exports: providers };
  }
}

function signingKeyPolicy({ accessTokenTtlSeconds }: Config): SigningKeyPolicy {
  return {
    jwksMaxAgeSeconds: JWKS_MAX_AGE_SECONDS,
    defaultAccessTokenTtlSeconds: accessTokenTtlSeconds,
  };
}

function trustedIssuerPolicy({ issuer, federation }: Config): TrustedIssuerPolicy {
  return {
    ownIssuer: issuer,
    problemWithUrl(url) {
      try {
        parseSecureUrl(url, federation.allowInsecureHttp);
        return null;
      } catch {
        return 'must be an https URL, unless COUNTERSIGN_FEDERATION_INSECURE_HTTP allows others';
      }
    },
    problemWithAddress(url) {
      const address = addressInUrl(url);
      return address === null || isAddressAllowed(federation.privateAddresses, address)
        ? null
        : 'is at no public address, and COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES does not allow it';
    },
  };
}
