import { type Rejection, rejected } from '@countersign/verify';
import type { MemoryFreshness } from '../state/memory-freshness.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { scopesAtAudience } from '../tokens/scopes-at-audience.js';
import { decide } from './decide.js';
import type { DecisionContext, DecisionMemory } from './decision-context.js';
import { type CheckFailure, findFailures } from './find-failures.js';
import { type RecognisedKind, recognise } from './recognise.js';
import type { AccessTokenVerifier } from './verify-access-token.js';
import type { ApiKeyVerifier } from './verify-api-key.js';

export type Outcome = VerifiedCredential | Rejection;

/** All that there is to say of a credential and a use of it. */
export interface Examination {
  readonly kind: RecognisedKind;
  /** What verification yielded. */
  readonly verified: Outcome;
  /** The checks that the verified credential fails, the gravest first; empty: it may be used. */
  readonly failures: readonly CheckFailure[];
}

/** Told of each credential that is turned away; nothing about it reaches the outside. */
export type OnRejection = (
  kind: RecognisedKind,
  rejection: Rejection,
  credential: VerifiedCredential | undefined,
) => void;

type VerifiedKind = Exclude<RecognisedKind, 'unrecognised'>;

export interface AuthenticatorParts extends DecisionMemory {
  readonly keyPrefix: string;
  readonly apiKeys: ApiKeyVerifier;
  readonly accessTokens: AccessTokenVerifier;
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
    const verified = this.#verify(kind, credential, context);
    if (verified instanceof Promise) {
      return verified.then((settled) => this.#conclude(kind, settled, context));
    }
    return this.#conclude(kind, verified, context);
  }

  /**
   * The same way, but to its end: not only the first check that fails, but every one.
   * @throws {DependencyUnavailable}
   */
  examine(credential: string, context: DecisionContext): Examination | Promise<Examination> {
    const kind = recognise(credential, this.#parts.keyPrefix);
    if (kind === 'unrecognised') {
      const verified = this.#turnAway(kind, rejected('unrecognised'), undefined);
      return { kind, verified, failures: [] };
    }
    const verified = this.#verify(kind, credential, context);
    if (verified instanceof Promise) {
      return verified.then((settled) => this.#concludeExamination(kind, settled, context));
    }
    return this.#concludeExamination(kind, verified, context);
  }

  /**
   * The key that was meant by an API key that verification turned away, as far as its tag is right:
   * to explain the rejection to whom may see the key.
   * @throws {DependencyUnavailable}
   */
  identify(credential: string): Promise<VerifiedApiKey | undefined> {
    return this.#parts.apiKeys.identify(credential);
  }

  /** The scopes of a credential that count at an audience, or anywhere. */
  scopesAt(credential: VerifiedCredential, audience: string | undefined): readonly string[] {
    const { resourceServers, issuer } = this.#parts;
    return scopesAtAudience(credential, audience, resourceServers, issuer);
  }

  #verify(
    kind: VerifiedKind,
    credential: string,
    { nowMs, dryRun }: DecisionContext,
  ): Outcome | Promise<Outcome> {
    const verifier = kind === 'api_key' ? this.#parts.apiKeys : this.#parts.accessTokens;
    return verifier.verify(credential, nowMs, dryRun !== true);
  }

  #conclude(kind: VerifiedKind, verified: Outcome, context: DecisionContext): Outcome {
    this.#assertTellable(verified);
    if (!verified.ok) return this.#turnAway(kind, verified, undefined);
    const decision = decide(verified, context, this.#parts);
    return decision.ok ? verified : this.#turnAway(kind, decision, verified);
  }

  #concludeExamination(
    kind: VerifiedKind,
    verified: Outcome,
    context: DecisionContext,
  ): Examination {
    this.#assertTellable(verified);
    if (!verified.ok) {
      return { kind, verified: this.#turnAway(kind, verified, undefined), failures: [] };
    }
    const failures = findFailures(verified, context, this.#parts);
    const [gravest] = failures;
    if (gravest !== undefined) this.#turnAway(kind, rejected(gravest.code), verified);
    return { kind, verified, failures };
  }

  /** A wrong tag is told without memory; all else would be "no" by what may be outdated. */
  #assertTellable(verified: Outcome): void {
    if (verified.ok || verified.code !== 'bad_tag') this.#parts.freshness.assertFresh();
  }

  #turnAway(
    kind: RecognisedKind,
    rejection: Rejection,
    credential: VerifiedCredential | undefined,
  ): Rejection {
    this.#parts.onRejection(kind, rejection, credential);
    return rejection;
  }
}
