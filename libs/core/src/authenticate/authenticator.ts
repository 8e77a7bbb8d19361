import { type Rejection, rejected } from '@countersign/verify';
import type { MemoryFreshness } from '../state/memory-freshness.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { RevokedTokens } from '../tokens/revoked-tokens.js';
import { type DecisionContext, decide } from './decide.js';
import { type RecognisedKind, recognise } from './recognise.js';
import type { AccessTokenVerifier } from './verify-access-token.js';
import type { ApiKeyVerifier } from './verify-api-key.js';
import type { FederatedTokenVerifier } from './verify-federated-token.js';

export type Outcome = VerifiedCredential | Rejection;

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
