import { type Rejection, rejected } from '@countersign/verify';
import type { KeyStates } from '../state/key-states.js';
import type { MemoryFreshness } from '../state/memory-freshness.js';
import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { RevokedTokens } from '../tokens/revoked-tokens.js';
import { type DecisionContext, decide, decideRoot } from './decide.js';
import { type RecognisedKind, recognise } from './recognise.js';
import type { AccessTokenVerifier } from './verify-access-token.js';
import type { ApiKeyVerifier } from './verify-api-key.js';
import type { FederatedTokenVerifier } from './verify-federated-token.js';

export type Outcome = VerifiedCredential | Rejection;
export type RootOutcome = { readonly ok: true; readonly root: RootCredential } | Rejection;

/** What a credential turned out to be by its form, and a JWT by the issuer that it names. */
export type CredentialKind = RecognisedKind | 'federated_token';

/** Told of each credential that is turned away; nothing about it reaches the outside. */
export type OnRejection = (
  kind: CredentialKind,
  rejection: Rejection,
  credential: VerifiedCredential | undefined,
) => void;

export interface AuthenticatorParts {
  readonly keyPrefix: string;
  readonly apiKeys: ApiKeyVerifier;
  readonly states: KeyStates;
  readonly accessTokens: AccessTokenVerifier;
  readonly federatedTokens: FederatedTokenVerifier;
  readonly revokedTokens: RevokedTokens;
  readonly freshness: MemoryFreshness;
  readonly onRejection: OnRejection;
}

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
    const kind = recognise(credential, this.#parts.keyPrefix);
    if (kind === 'unrecognised') return this.#turnAway(kind, rejected('unrecognised'), undefined);
    const verifier = kind === 'api_key' ? this.#parts.apiKeys : this.#parts.accessTokens;
    const verified = verifier.verify(credential, context.nowMs);
    if (verified instanceof Promise) {
      return verified.then((settled) => this.#conclude(kind, settled, context));
    }
    if (!verified.ok && kind === 'access_token') {
      return this.#authenticateForeign(credential, verified, context);
    }
    return this.#conclude(kind, verified, context);
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
    const decision = decideRoot(root, context);
    return decision.ok ? { ok: true, root } : decision;
  }

  /** A JWT that is none of ours may be a trusted issuer's. Our own tokens never come here. */
  #authenticateForeign(
    credential: string,
    rejection: Rejection,
    context: DecisionContext,
  ): Outcome | Promise<Outcome> {
    const verified = this.#parts.federatedTokens.verify(credential, context.nowMs);
    if (verified === undefined) return this.#conclude('access_token', rejection, context);
    if (verified instanceof Promise) {
      return verified.then((settled) => this.#conclude('federated_token', settled, context));
    }
    return this.#conclude('federated_token', verified, context);
  }

  #conclude(
    kind: CredentialKind,
    verified: VerifiedCredential | Rejection,
    context: DecisionContext,
  ): Outcome {
    // A wrong tag is told without memory; all else would be "no" by what may be outdated.
    if (!verified.ok && verified.code === 'bad_tag') {
      return this.#turnAway(kind, verified, undefined);
    }
    this.#parts.freshness.assertFresh();
    if (!verified.ok) return this.#turnAway(kind, verified, undefined);
    const decision = decide(verified, context, this.#parts.revokedTokens);
    return decision.ok ? verified : this.#turnAway(kind, decision, verified);
  }

  #turnAway(
    kind: CredentialKind,
    rejection: Rejection,
    credential: VerifiedCredential | undefined,
  ): Rejection {
    this.#parts.onRejection(kind, rejection, credential);
    return rejection;
  }
}
