import type { RejectionCode } from '@countersign/contracts';
import { type Rejection, rejected } from '@countersign/verify';
import type { ClientCertificate } from '../certificates/client-certificate.js';
import type { KeyStates } from '../state/key-states.js';
import type { MemoryFreshness } from '../state/memory-freshness.js';
import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { scopesAtAudience } from '../tokens/scopes-at-audience.js';
import { decide } from './decide.js';
import type { DecisionContext, DecisionMemory } from './decision-context.js';
import { type CheckFailure, findFailures } from './find-failures.js';
import { recognise } from './recognise.js';
import type { AccessTokenVerifier } from './verify-access-token.js';
import type { ApiKeyVerifier } from './verify-api-key.js';
import type { ClientAssertionVerifier } from './verify-client-assertion.js';
import type { ClientCertificateVerifier } from './verify-client-certificate.js';
import type { FederatedTokenVerifier } from './verify-federated-token.js';

export type Outcome = VerifiedCredential | Rejection;
export type RootOutcome = { readonly ok: true; readonly root: RootCredential } | Rejection;

/** What a credential turned out to be, as far as that could be told. */
export type CredentialKind = VerifiedCredential['kind'] | 'unrecognised';

/** All that there is to say of a credential and a use of it. */
export interface Examination {
  readonly kind: CredentialKind;
  /** What verification yielded. */
  readonly verified: Outcome;
  /** The checks that the verified credential fails, the gravest first; empty: it may be used. */
  readonly failures: readonly CheckFailure[];
}

/** What was turned away, as far as that could be told. */
export type RejectedKind = CredentialKind | 'client_assertion' | 'client_certificate';

/** Told of each credential that is turned away; nothing about it reaches the outside. */
export type OnRejection = (
  kind: RejectedKind,
  rejection: Rejection,
  credential: VerifiedCredential | undefined,
) => void;

export interface AuthenticatorParts extends DecisionMemory {
  readonly keyPrefix: string;
  readonly apiKeys: ApiKeyVerifier;
  readonly accessTokens: AccessTokenVerifier;
  readonly federatedTokens: FederatedTokenVerifier;
  readonly clientAssertions: ClientAssertionVerifier;
  readonly clientCertificates: ClientCertificateVerifier;
  readonly states: KeyStates;
  readonly freshness: MemoryFreshness;
  readonly onRejection: OnRejection;
}

type Conclude<T, Kind = CredentialKind> = (
  kind: Kind,
  verified: Outcome,
  context: DecisionContext,
) => T;

/**
 * The way of a credential once it was read out of the request: recognise → verify → decide. What it
 * yields bears the principal.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /**
   * Who a credential stands for, or why it was turned away. Synchronous when memory suffices, since
   * a promise would cost as much as all the rest.
   * @throws {DependencyUnavailable} it cannot be told now, which is not the same as "no"
   */
  authenticate(credential: string, context: DecisionContext): Outcome | Promise<Outcome> {
    return this.#verify(credential, context, this.#decide);
  }

  /**
   * The same way, but to its end: not only the first check that fails, but every one.
   * @throws {DependencyUnavailable}
   */
  examine(credential: string, context: DecisionContext): Examination | Promise<Examination> {
    return this.#verify(credential, context, this.#findFailures);
  }

  /**
   * The key that a client assertion speaks for, or why it was turned away. An assertion is no
   * credential by itself: it is taken only where a client authenticates.
   * @param clientId the `client_id` parameter, if it was sent
   * @throws {DependencyUnavailable} it cannot be told now, or not be marked as used
   * @see RFC 7523 §2.2
   */
  async authenticateClient(
    assertion: string,
    clientId: string | undefined,
    context: DecisionContext,
  ): Promise<Outcome> {
    const verified = await this.#parts.clientAssertions.verify(assertion, clientId, context.nowMs);
    return this.#decide('client_assertion', verified, context);
  }

  /**
   * The key that a certificate speaks for, or why it was turned away.
   * @param clientId the `client_id` parameter
   * @throws {DependencyUnavailable} it cannot be told now
   * @see RFC 8705 §2
   */
  async authenticateByCertificate(
    clientId: string,
    certificate: ClientCertificate,
    context: DecisionContext,
  ): Promise<Outcome> {
    const { nowMs } = context;
    const verified = await this.#parts.clientCertificates.verify(clientId, certificate, nowMs);
    return this.#decide('client_certificate', verified, context);
  }

  /**
   * The key that was meant by an API key that verification turned away, as far as its tag is right:
   * to explain the rejection to whom may see the key.
   * @throws {DependencyUnavailable}
   */
  identify(credential: string): Promise<VerifiedApiKey | undefined> {
    return this.#parts.apiKeys.identify(credential);
  }

  /**
   * What something was derived from, a refresh token say, as it is now and decided on anew: without
   * its secret, since nobody presents it.
   * @param rootId of a key version or a federated identity
   * @throws {DependencyUnavailable}
   */
  async reauthenticate(rootId: string, context: DecisionContext): Promise<RootOutcome> {
    const found = await this.#parts.states.find(rootId);
    this.#parts.freshness.assertFresh();
    if (found === null) return rejected('unknown_credential');
    const root = found.slot.verified(found.state);
    const decision = decide(root, context, this.#parts);
    return decision.ok ? { ok: true, root } : decision;
  }

  /** The scopes of a credential that count at an audience, or anywhere. */
  scopesAt(credential: VerifiedCredential, audience: string | undefined): readonly string[] {
    const { resourceServers, issuer } = this.#parts;
    return scopesAtAudience(credential, audience, resourceServers, issuer);
  }

  #verify<T>(credential: string, context: DecisionContext, conclude: Conclude<T>): T | Promise<T> {
    const { nowMs, dryRun, purpose } = context;
    const { keyPrefix, apiKeys, accessTokens } = this.#parts;
    const kind = recognise(credential, keyPrefix);
    if (kind === 'unrecognised') return conclude(kind, rejected('unrecognised'), context);
    const verified =
      kind === 'api_key'
        ? apiKeys.verify(credential, nowMs, dryRun !== true, purpose)
        : accessTokens.verify(credential, nowMs, dryRun !== true);
    if (verified instanceof Promise) {
      return verified.then((settled) => conclude(kind, settled, context));
    }
    if (verified.ok || kind === 'api_key') return conclude(kind, verified, context);
    return this.#verifyForeign(credential, verified, context, conclude);
  }

  /** A JWT that is none of ours may be a trusted issuer's. Our own tokens never come here. */
  #verifyForeign<T>(
    credential: string,
    rejection: Rejection,
    context: DecisionContext,
    conclude: Conclude<T>,
  ): T | Promise<T> {
    const { nowMs, dryRun, purpose } = context;
    const { federatedTokens } = this.#parts;
    const verified = federatedTokens.verify(credential, nowMs, dryRun !== true, purpose);
    if (verified === undefined) return conclude('access_token', rejection, context);
    if (verified instanceof Promise) {
      return verified.then((settled) => conclude('federated_token', settled, context));
    }
    return conclude('federated_token', verified, context);
  }

  readonly #decide: Conclude<Outcome, RejectedKind> = (kind, verified, context) => {
    this.#assertTellable(verified);
    if (!verified.ok) return this.#turnAway(kind, verified, undefined);
    const decision = decide(verified, context, this.#parts);
    if (!decision.ok) return this.#turnAway(kind, decision, verified);
    return this.#isSpent(context) ? this.#turnAway(kind, rejected('replayed'), verified) : verified;
  };

  readonly #findFailures: Conclude<Examination> = (kind, verified, context) => {
    this.#assertTellable(verified);
    if (!verified.ok) {
      return { kind, verified: this.#turnAway(kind, verified, undefined), failures: [] };
    }
    const failures = findFailures(verified, context, this.#parts);
    const [gravest] = failures;
    if (gravest !== undefined) this.#turnAway(kind, rejected(gravest.code), verified);
    return { kind, verified, failures };
  };

  /** Asked last, so that a proof is used up only by who may use the credential. */
  #isSpent({ binding }: DecisionContext): boolean {
    return binding !== undefined && binding !== 'unchecked' && !binding.spend();
  }

  /** What can be told without memory is; all else would be "no" by what may be outdated. */
  #assertTellable(verified: Outcome): void {
    if (!verified.ok && FORMAL.has(verified.code)) return;
    this.#parts.freshness.assertFresh();
  }

  #turnAway(
    kind: RejectedKind,
    rejection: Rejection,
    credential: VerifiedCredential | undefined,
  ): Rejection {
    this.#parts.onRejection(kind, rejection, credential);
    return rejection;
  }
}

/** Rejections that depend on nothing but the credential's text and the server's secrets. */
const FORMAL: ReadonlySet<RejectionCode> = new Set(['unrecognised', 'bad_tag']);
