import type { MigrationInterface } from 'typeorm';
import { InitialSchema1795330800000 } from './1795330800000-initial-schema.js';
import { Federation1795331000000 } from './1795331000000-federation.js';
import { Revocations1795332000000 } from './1795332000000-revocations.js';
import { TokenStatusLists1795332400000 } from './1795332400000-token-status-lists.js';
import { RefreshTokens1795331400000 } from './1795331400000-refresh-tokens.js';
import { Actors1795331800000 } from './1795331800000-actors.js';
import { ClientAuthentication1795331200000 } from './1795331200000-client-authentication.js';
import { Replicas1795332200000 } from './1795332200000-replicas.js';
import { EndedKeyVersions1795334400000 } from './1795334400000-ended-key-versions.js';
import { IssuerJwks1795334200000 } from './1795334200000-issuer-jwks.js';
import { DerivedTokens1795334800000 } from './1795334800000-derived-tokens.js';
import { TrustPositions1795334600000 } from './1795334600000-trust-positions.js';
import { ProtectedResourceMetadata1795334000000 } from './1795334000000-protected-resource-metadata.js';
import { ClientCertificates1795331600000 } from './1795331600000-client-certificates.js';

/** In the order in which they run. Never edit one that was released: add another. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  InitialSchema1795330800000,
  Federation1795331000000,
  ClientAuthentication1795331200000,
  RefreshTokens1795331400000,
  ClientCertificates1795331600000,
  Actors1795331800000,
  Revocations1795332000000,
  Replicas1795332200000,
  TokenStatusLists1795332400000,
  ProtectedResourceMetadata1795334000000,
  IssuerJwks1795334200000,
  EndedKeyVersions1795334400000,
  TrustPositions1795334600000,
  DerivedTokens1795334800000,
];
