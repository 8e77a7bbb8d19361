export { confirmationOf } from './binding/confirmation-of.js';
export { cnfOf } from './binding/cnf-of.js';
export { CHECKS } from './authenticate/checks.js';
export { decide } from './authenticate/decide.js';
export type { DecisionContext, RestrictionsPurpose } from './authenticate/decision-context.js';
export type { CheckFailure } from './authenticate/find-failures.js';
export { isDeadForGood } from './authenticate/is-dead-for-good.js';
export { FederatedTokenVerifier } from './authenticate/verify-federated-token.js';
export {
  Authenticator,
  type CredentialKind,
  type Examination,
  type OnRejection,
  type Outcome,
  type RejectedKind,
} from './authenticate/authenticator.js';
export {
  type CredentialHeaders,
  type PresentedCredential,
  presentedCredential,
} from './authenticate/presented-credential.js';
export { type RecognisedKind, recognise } from './authenticate/recognise.js';
export { AccessTokenVerifier } from './authenticate/verify-access-token.js';
export {
  ApiKeyVerifier,
  type Argon2Outcome,
  type StoreRehashedSecret,
} from './authenticate/verify-api-key.js';
export {
  ClientAssertionVerifier,
  type UseClientAssertion,
} from './authenticate/verify-client-assertion.js';
export { ClientCertificateVerifier } from './authenticate/verify-client-certificate.js';
export {
  type BindingRefusal,
  BindingVerifier,
  type BoundRequest,
  type BoundResourceRequest,
} from './binding/binding-verifier.js';
export { isOfCurrentTrust } from './authenticate/is-of-current-trust.js';
export { needsCertificate, type TokenParties } from './binding/needs-certificate.js';
export { DpopNonces } from './binding/dpop-nonces.js';
export { type RequestBinding, UNBOUND } from './binding/request-binding.js';
export { SpentProofs } from './binding/spent-proofs.js';
export { CertificateAuthorities } from './certificates/certificate-authorities.js';
export { ClientCertificate, MalformedCertificate } from './certificates/client-certificate.js';
export { canonicalName } from './certificates/distinguished-name.js';
export { CHANGE_KINDS, type Change, type ChangeKind } from './changes/change.js';
export type { FollowedFeed } from './changes/followed-feed.js';
export type { ChangeSink } from './changes/change-sink.js';
export { type Dependency, DependencyUnavailable } from './dependency-unavailable.js';
export { FederatedKeySets } from './federation/federated-key-sets.js';
export { IdentityIds } from './federation/identity-ids.js';
export type { MappedSubject } from './federation/map-subject.js';
export type { ResolveIdentity } from './federation/resolve-identity.js';
export type { TrustedIssuerPolicy } from './federation/trusted-issuer-policy.js';
export { type LoadTrustedIssuers, TrustedIssuers } from './federation/trusted-issuers.js';
export { Argon2Queue } from './keys/argon2-queue.js';
export { ClientIds } from './keys/client-ids.js';
export { KeyTagger } from './keys/key-tagger.js';
export { createMintApiKey, type MintApiKey, type MintedApiKey } from './keys/mint-api-key.js';
export { type Argon2Parameters, SecretHasher } from './keys/secret-hasher.js';
export { versionIdWithoutSecret } from './keys/version-id-without-secret.js';
export type { Revocation } from './revocation/revocation.js';
export { REVOCATION_MARGIN_SECONDS } from './revocation/revocation-margin-seconds.js';
export {
  type LoadedRevocations,
  type LoadRevocations,
  type RevocationFilter,
  type RevocationListener,
  RevocationLog,
  type RevocationsAfter,
} from './revocation/revocation-log.js';
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
export { leaseOverAfterMs } from './replicas/lease-over-after-ms.js';
export type { Moment } from './replicas/moment.js';
export { LONGEST_LEASE_MS } from './replicas/propagation-check.js';
export { PropagationWaiter } from './replicas/propagation-waiter.js';
export { ReplicaLease } from './replicas/replica-lease.js';
export type { ReplicaRow, ReplicaStore } from './replicas/replica-row.js';
export { ReplicaWatch } from './replicas/replica-watch.js';
export { ApiKeyDigest } from './state/api-key-digest.js';
export type { CredentialState } from './state/credential-state.js';
export { effectiveScopes } from './state/effective-scopes.js';
export type { IdentityState } from './state/identity-state.js';
export type { KeyState } from './state/key-state.js';
export { KeyStates } from './state/key-states.js';
export { type Clocks, type HeldLease, MemoryFreshness } from './state/memory-freshness.js';
export type { PrincipalState } from './state/principal-state.js';
export type { KeyStateReading, ReadKeyState } from './state/read-key-state.js';
export type { VerifiedAccessToken } from './state/verified-access-token.js';
export type { VerifiedFederatedToken } from './state/verified-federated-token.js';
export { rootOf } from './state/root-of.js';
export type { RootCredential } from './state/root-credential.js';
export type { VerifiedCredential } from './state/verified-credential.js';
export type { VerifiedApiKey } from './state/verified-api-key.js';
export { IntrospectionSigner } from './tokens/sign-introspection.js';
export { RevocationSigner } from './tokens/sign-revocations.js';
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
export type { RefreshTokenPolicy } from './tokens/refresh-token-policy.js';
export {
  type GenuineRefreshToken,
  type MintedRefreshToken,
  RefreshTokenMinter,
} from './tokens/refresh-token-minter.js';
export type { ResourceServerPolicy } from './tokens/resource-server-policy.js';
export {
  type EncodedStatusList,
  encodeStatusList,
  TOKEN_STATUS,
  type TokenStatus,
} from './status/encode-status-list.js';
export type { RegisterTokenStatus, TokenToRegister } from './status/register-token-status.js';
export { rootTokenStatus } from './status/root-token-status.js';
export { STATUS_LIST_SIZE, scatteredIndex } from './status/scattered-index.js';
export { StatusListSigner, type StatusListTimes } from './status/status-list-signer.js';
export { type LoadResourceServers, ResourceServers } from './tokens/resource-servers.js';
