import type { RevocationId } from '@countersign/verify';
import { LRUCache } from 'lru-cache';
import { ANY_TRUSTED_ISSUER, credentialName, type DisturbanceName } from '../feed/disturbances.js';
import { organizationsOf } from '../feed/organizations-of.js';
import type { RevocationMemory } from '../feed/revocation-memory.js';
import { elapsedMs, type Moment } from '../moment.js';
import type { ActiveAnswer } from './introspection-answer.js';

/**
 * How long after the feed has spoken of a credential an answer about it is not remembered on the feed's
 * word: the answer may be of a replica that has not applied yet what another one has already told. Longer
 * than any lease of a replica is after which it answers nothing from memory.
 */
export const SETTLING_MS = 60_000;

export interface AnswerMemoryOptions {
  readonly size: number;
  readonly ttlMs: number;
  readonly negativeSize: number;
  readonly negativeTtlMs: number;
  /** How old what is acted upon may be: of the feed, or of an answer by itself. */
  readonly limitMs: number;
  /** Whose scopes an answer depends on besides the credential's own audiences. */
  readonly audiences: readonly string[];
  readonly revocations: RevocationMemory;
}

interface RememberedAnswer {
  readonly answer: ActiveAnswer;
  readonly names: readonly DisturbanceName[];
  /** That the credential names; undefined: the answer does not tell of all. */
  readonly organizations: readonly string[] | undefined;
}

/**
 * Answers of the service, for as long as they hold: either because they are not older than anything
 * that is acted upon may be, or because the feed is followed and has not spoken of the credential
 * since, nor shortly before, and is not silent about its organization. What a credential is used for is not decided here, but at each use.
 */
export class AnswerMemory {
  readonly #answers: LRUCache<string, RememberedAnswer>;
  readonly #inactive: LRUCache<string, Moment>;

  constructor(private readonly options: AnswerMemoryOptions) {
    this.#answers = new LRUCache({ max: options.size });
    // Apart, so that a flood of wrong credentials drives out no good one.
    this.#inactive = new LRUCache({ max: options.negativeSize });
  }

  /** @param ids of a token of ours, all that an entry of the feed may name to concern it */
  remember(digest: string, answer: ActiveAnswer, ids?: readonly RevocationId[]): void {
    const names = namesOf(answer, this.options.audiences);
    for (const { type, id } of ids ?? []) {
      names.add(type === 'credential' ? credentialName(id) : `${type} ${id}`);
    }
    const organizations = organizationsIn(answer, ids);
    this.#answers.set(digest, { answer, names: [...names], organizations });
  }

  rememberInactive(digest: string, askedAt: Moment): void {
    this.#inactive.set(digest, askedAt);
  }

  /**
   * The answer that was given about a credential, if it still holds.
   * @param isFeedFresh whether it is known what was revoked up to the limit's age
   */
  recall(digest: string, now: Moment, isFeedFresh: boolean): ActiveAnswer | undefined {
    const remembered = this.#answers.get(digest);
    if (remembered === undefined) return undefined;
    if (this.#holds(remembered, now, isFeedFresh)) return remembered.answer;
    this.#answers.delete(digest);
    return undefined;
  }

  /** Whether it was answered lately that this is not good. */
  isInactive(digest: string, now: Moment): boolean {
    const askedAt = this.#inactive.get(digest);
    return askedAt !== undefined && elapsedMs(askedAt, now) <= this.options.negativeTtlMs;
  }

  clear(): void {
    this.#answers.clear();
    this.#inactive.clear();
  }

  #holds(
    { answer, names, organizations }: RememberedAnswer,
    now: Moment,
    isFeedFresh: boolean,
  ): boolean {
    const { limitMs, revocations, ttlMs } = this.options;
    // A key's end is told in whole seconds: past it the service says what holds.
    const nowSeconds = now.wallMs / 1000;
    if (answer.expiresAt !== undefined && !(nowSeconds < answer.expiresAt)) return false;
    const ageMs = elapsedMs(answer.askedAt, now);
    const askedMs = answer.askedAt.monotonicMs;
    if (!(ageMs <= ttlMs) || revocations.haveDisturbed(names, askedMs, nowSeconds)) return false;
    if (ageMs <= limitMs) return true;
    // A feed that is silent about it would not have said either what happened to it since.
    const isCovered = revocations.covers(organizations);
    const settledMs = askedMs - SETTLING_MS;
    return isFeedFresh && isCovered && !revocations.haveDisturbed(names, settledMs, nowSeconds);
  }
}

/** Of its actors an answer tells no organization: only the token itself does. */
function organizationsIn(
  { principal }: ActiveAnswer,
  ids: readonly RevocationId[] | undefined,
): readonly string[] | undefined {
  if (principal.actor !== null && ids === undefined) return undefined;
  const { organization } = principal;
  return [...organizationsOf(ids ?? []), ...(organization === null ? [] : [organization])];
}

/** Whom an entry of the feed has to name to concern the credential of an answer. */
function namesOf(
  { principal, clientId }: ActiveAnswer,
  audiences: readonly string[],
): Set<DisturbanceName> {
  const { credential, organization, roles, subject } = principal;
  const names = new Set<DisturbanceName>([
    `principal ${subject}`,
    credentialName(clientId),
    credentialName(credential.id),
    credentialName(credential.root.id),
  ]);
  if (credential.type !== 'api_key') names.add(`jti ${credential.id}`);
  if (credential.type === 'federated_token') names.add(ANY_TRUSTED_ISSUER);
  if (organization !== null) names.add(`organization ${organization}`);
  for (const role of roles) names.add(`role ${role}`);
  for (const audience of [...principal.audience, ...audiences]) names.add(`audience ${audience}`);
  for (let { actor } = principal; actor !== null; actor = actor.actor) {
    names.add(`principal ${actor.subject}`);
  }
  return names;
}
