import {
  checkBinding,
  KeysUnavailable,
  readAccessTokenClaims,
  type RevocationId,
  revocationIdsOf,
} from '@countersign/verify';
import { type CredentialUse, holdsAll, usedNow } from './credential-use.js';
import type { RevocationFeed } from './feed/revocation-feed.js';
import type { RevocationMemory } from './feed/revocation-memory.js';
import {
  type Answers,
  checkAnswerRestrictions,
  type GivenAnswer,
} from './introspection/answers.js';
import type { ActiveAnswer } from './introspection/introspection-answer.js';
import { IntrospectionFailure } from './introspection/introspector.js';
import type { Question } from './introspection/question.js';
import type { JudgedToken, OwnTokenVerifier, UnknownKey } from './local/own-token-verifier.js';
import type { RememberedToken } from './local/verified-tokens.js';
import type { Moment } from './moment.js';
import type { VerifierSettings } from './read-verifier-options.js';
import { recognise } from './recognise.js';
import type { Challenges } from './request/challenges.js';
import { unavailable } from './unavailable.js';
import type {
  AcceptedCredential,
  RefusalCode,
  VerifiedSource,
  VerifyResult,
} from './verify-result.js';

/** What needs this backend's own credential. */
export interface ServiceParts {
  readonly feed: RevocationFeed;
  readonly revocations: RevocationMemory;
  readonly answers: Answers;
}

export interface CredentialVerifierParts {
  readonly settings: VerifierSettings;
  readonly challenges: Challenges;
  readonly ownTokens: OwnTokenVerifier;
  /** Undefined: there is no credential. */
  readonly service: ServiceParts | undefined;
}

/**
 * The steps from a presented credential to a result: recognise → verify → what became of it → decide.
 * Synchronous whenever memory suffices.
 */
export class CredentialVerifier {
  constructor(private readonly parts: CredentialVerifierParts) {}

  verify(use: CredentialUse): VerifyResult | Promise<VerifyResult> {
    switch (recognise(use.credential)) {
      case 'jwt':
        return this.#verifyJwt(use);
      case 'api_key':
        return this.#introspect(use, 'unrecognised');
      case 'unrecognised':
        return this.#refused('unrecognised', use);
    }
  }

  #verifyJwt(use: CredentialUse): VerifyResult | Promise<VerifyResult> {
    const verified = this.parts.ownTokens.verify(use);
    if (!(verified instanceof Promise)) return this.#decideJwt(verified, use);
    return verified.then(
      (settled) => this.#decideJwt(settled, usedNow(use, this.parts.settings.clock)),
      (error: unknown) => {
        if (error instanceof KeysUnavailable) return unavailable('keys');
        throw error;
      },
    );
  }

  #decideJwt(verified: JudgedToken, use: CredentialUse): VerifyResult | Promise<VerifyResult> {
    if (verified.ok === 'foreign') return this.#introspect(use, 'wrong_issuer');
    if (verified.ok === 'unknown_key') return this.#decideUnknownKey(verified, use);
    if (!verified.ok) return this.#refused(verified.code, use);
    return this.#decideOwnToken(verified, use);
  }

  /**
   * No key of this name is published as far as is known. It may have taken the place of one that was
   * compromised a moment ago, of which the feed would have told.
   */
  #decideUnknownKey(
    { kid, payload }: UnknownKey,
    use: CredentialUse,
  ): VerifyResult | Promise<VerifyResult> {
    const { ownTokens, service, settings } = this.parts;
    const { now } = use;
    // Otherwise whoever invents names would have the service asked about each.
    const isCertain =
      service === undefined ||
      service.revocations.isKeyRevoked(kid, now.wallMs / 1000) ||
      (service.feed.ageMs(now) <= settings.limitMs && !ownTokens.areKeysDoubted);
    if (isCertain) return this.#refused('unknown_signing_key', use);
    if (settings.policy !== 'introspect') return unavailable('keys');
    const claims = readAccessTokenClaims(payload);
    if (claims === null) return this.#refused('malformed_claims', use);
    // What it says of itself counts once the service says that it is good.
    return this.#introspectOwn(revocationIdsOf(claims, kid), service, use);
  }

  /** A token that says it may: whether that still holds, as far as the feed tells. */
  #decideOwnToken(
    token: RememberedToken,
    use: CredentialUse,
  ): VerifyResult | Promise<VerifyResult> {
    const { service, settings } = this.parts;
    if (service === undefined) return this.#decideScopes(token.accepted, use);
    const hit = token.hit(service.revocations, use.now.wallMs / 1000);
    if (hit === 'final') return this.#refused('credential_revoked', use);
    if (
      hit === undefined &&
      (settings.policy === 'continue' || this.#isKnown(token, service, use.now))
    ) {
      return this.#decideScopes(token.accepted, use);
    }
    if (settings.policy === 'introspect') return this.#introspectOwn(token.ids, service, use);
    return hit === 'changed' ? this.#refused('credential_changed', use) : unavailable('stale');
  }

  /** Whether the feed would have told by now: it is new enough, and not silent about whom this is. */
  #isKnown(token: RememberedToken, { feed, revocations }: ServiceParts, now: Moment): boolean {
    if (!(feed.ageMs(now) <= this.parts.settings.limitMs)) return false;
    if (revocations.mayHaveForgotten(token.verified.claims.exp)) return false;
    return revocations.organization === null || revocations.covers(token.organizations);
  }

  #introspectOwn(
    ids: readonly RevocationId[],
    { answers }: ServiceParts,
    use: CredentialUse,
  ): VerifyResult | Promise<VerifyResult> {
    return this.#whenAnswered(answers.answer(questionOf(use), use.now, ids), use);
  }

  /** @param code of the refusal where nobody can be asked */
  #introspect(use: CredentialUse, code: RefusalCode): VerifyResult | Promise<VerifyResult> {
    const { service } = this.parts;
    if (service === undefined) return this.#refused(code, use);
    return this.#whenAnswered(service.answers.answer(questionOf(use), use.now), use);
  }

  #whenAnswered(
    given: GivenAnswer | Promise<GivenAnswer>,
    use: CredentialUse,
  ): VerifyResult | Promise<VerifyResult> {
    if (!(given instanceof Promise)) return this.#decideAnswer(given, use);
    return given.then(
      (settled) => this.#decideAnswer(settled, use),
      (error: unknown) => {
        if (!(error instanceof IntrospectionFailure)) throw error;
        return unavailable(error.reason, error.retryAfterSeconds);
      },
    );
  }

  /** The service says that it is good: whether it is for us, for this request, and in these hands. */
  #decideAnswer({ answer, source }: GivenAnswer, use: CredentialUse): VerifyResult {
    if (!answer.active) return this.#refused('inactive', use);
    const code = this.#whyNot(answer, use);
    if (code !== undefined) return this.#refused(code, use);
    return this.#decideScopes(acceptedBy(answer, source), use);
  }

  #whyNot(answer: ActiveAnswer, use: CredentialUse): RefusalCode | undefined {
    const { audience, credential } = answer.principal;
    const isForAll = audience.length === 0 && credential.type !== 'access_token';
    const isForUs = audience.some((one) => this.parts.settings.audiences.includes(one));
    if (!isForAll && !isForUs) return 'wrong_audience';
    const proven = checkBinding(answer.confirmation, use.binding);
    if (!proven.ok) return proven.code;
    return checkAnswerRestrictions(answer, use.context)?.code;
  }

  /** The last check: who it is, is certain; whether that suffices for this use. */
  #decideScopes(accepted: AcceptedCredential, use: CredentialUse): VerifyResult {
    if (holdsAll(accepted.principal.scopes, use.scopes)) return accepted;
    return this.parts.challenges.insufficientScope(use.scopes.join(' '), use.scheme);
  }

  #refused(code: RefusalCode, { scheme }: CredentialUse): VerifyResult {
    return this.parts.challenges.refused(code, scheme);
  }
}

function questionOf({ credential, context, certificateThumbprint }: CredentialUse): Question {
  const { ip, method, path } = context;
  return { credential, ip, method, path, certificateThumbprint };
}

function acceptedBy({ principal }: ActiveAnswer, source: VerifiedSource): AcceptedCredential {
  return { ok: true, principal, source };
}
