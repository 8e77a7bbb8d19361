export { type DecisionContext, decide, type RestrictionsPurpose } from './authenticate/decide.js';
export { keyStanding } from './authenticate/key-standing.js';
export {
  Authenticator,
  type OnRejection,
  type Outcome,
} from './authenticate/authenticator.js';
export {
  type CredentialHeaders,
  type PresentedCredential,
  presentedCredential,
} from './authenticate/presented-credential.js';
export { recognise } from './authenticate/recognise.js';
export { AccessTokenVerifier } from './authenticate/verify-access-token.js';
export {
  ApiKeyVerifier,
  type Argon2Outcome,
  type StoreRehashedSecret,
} from './authenticate/verify-api-key.js';
export { CHANGE_KINDS, type Change, type ChangeKind } from './changes/change.js';
export type { ChangeSink } from './changes/change-sink.js';
export { type Dependency, DependencyUnavailable } from './dependency-unavailable.js';
export { Argon2Queue } from './keys/argon2-queue.js';
export { KeyTagger } from './keys/key-tagger.js';
export { createMintApiKey, type MintApiKey, type MintedApiKey } from './keys/mint-api-key.js';
export { type Argon2Parameters, SecretHasher } from './keys/secret-hasher.js';
export { deriveServerKeys, type ServerKeys } from './secrets/derive-server-keys.js';
export { Secret } from './secrets/secret.js';
export {
  createGenerateSigningKey,
  type GeneratedSigningKey,
  type GenerateSigningKey,
} from './signing/generate-signing-key.js';
export { type Jwks, Keyring, type LoadSigningKeys } from './signing/keyring.js';
export { PrivateKeySealer } from './signing/private-key-sealer.js';
export {
  activatableAt,
  removableAt,
  type SigningKeyEvent,
  signingKeyTransition,
} from './signing/signing-key-lifecycle.js';
export type { SigningKeyRecord } from './signing/signing-key-record.js';
export { CredentialDigest } from './state/credential-digest.js';
export { effectiveScopes } from './state/effective-scopes.js';
export type { KeyState } from './state/key-state.js';
export { KeyStates } from './state/key-states.js';
export { type FollowedFeed, MemoryFreshness } from './state/memory-freshness.js';
export type { KeyStateReading, ReadKeyState } from './state/read-key-state.js';
export type { VerifiedAccessToken } from './state/verified-access-token.js';
export type { VerifiedCredential } from './state/verified-credential.js';
export type { VerifiedApiKey } from './state/verified-api-key.js';
export {
  type InternalTokenOutcome,
  InternalTokens,
  type Upstream,
} from './tokens/internal-tokens.js';
export {
  AccessTokenIssuer,
  type IssuedAccessToken,
  type IssueRefused,
} from './tokens/issue-access-token.js';
export type { ResourceServerPolicy } from './tokens/resource-server-policy.js';
export { type LoadResourceServers, ResourceServers } from './tokens/resource-servers.js';
export {
  type LoadRevokedTokens,
  type RevokedToken,
  RevokedTokens,
} from './tokens/revoked-tokens.js';
