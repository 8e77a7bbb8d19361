import { type Rejection, rejected } from '@countersign/verify';
import type { MemoryFreshness } from '../state/memory-freshness.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { RevokedTokens } from '../tokens/revoked-tokens.js';
import { type DecisionContext, decide } from './decide.js';
import { recognise } from './recognise.js';
import type { AccessTokenVerifier } from './verify-access-token.js';
import type { ApiKeyVerifier } from './verify-api-key.js';
import type { ClientAssertionVerifier } from './verify-client-assertion.js';

export type Outcome = VerifiedCredential | Rejection;

/** What a credential that was turned away was by its form. */
export type RejectedKind = 'api_key' | 'access_token' | 'client_assertion' | 'unrecognised';

/** Told of each credential that is turned away; nothing about it reaches the outside. */
export type OnRejection = (
  kind: RejectedKind,
  rejection: Rejection,
  credential: VerifiedCredential | undefined,
) => void;

export interface AuthenticatorParts {
  readonly keyPrefix: string;
  readonly apiKeys: ApiKeyVerifier;
  readonly accessTokens: AccessTokenVerifier;
  readonly clientAssertions: ClientAssertionVerifier;
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
    return this.#conclude(kind, verified, context);
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
    return this.#conclude('client_assertion', verified, context);
  }

  #conclude(
    kind: RejectedKind,
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
    if (!decision.ok) return this.#turnAway(kind, decision, verified);
    const { binding } = context;
    // Last, so that a proof is used up only by who may use the credential.
    if (binding === undefined || binding === 'unchecked' || binding.spend()) return verified;
    return this.#turnAway(kind, rejected('replayed'), verified);
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
