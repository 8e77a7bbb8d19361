import { checkRestrictions, type RequestContext, type RevocationId } from '@countersign/verify';
import type { Clock } from '../clock.js';
import { elapsedMs, type Moment, momentOf } from '../moment.js';
import type { AnswerMemory } from './answer-memory.js';
import type { ActiveAnswer, IntrospectionAnswer } from './introspection-answer.js';
import { IntrospectionFailure, type Introspector } from './introspector.js';
import type { Question } from './question.js';
import { QuestionDigest } from './question-digest.js';

export interface AnswersParts {
  readonly introspector: Introspector;
  readonly memory: AnswerMemory;
  readonly clock: Clock;
  /** How old an answer may be when it is acted upon. */
  readonly limitMs: number;
  readonly isFeedFresh: (now: Moment) => boolean;
}

/** An answer, and whether it was given before. */
export interface GivenAnswer {
  readonly answer: IntrospectionAnswer;
  readonly source: 'introspection' | 'cache';
}

const INACTIVE = { active: false } as const;

/**
 * What the service says of credentials, from memory where that still holds. Concurrent questions about one
 * credential share one request, as far as its answer holds for each of them.
 */
export class Answers {
  readonly #digest = new QuestionDigest();
  readonly #closed = new AbortController();
  readonly #underWay = new Map<string, Promise<IntrospectionAnswer>>();

  constructor(private readonly parts: AnswersParts) {}

  /**
   * Synchronous when memory suffices.
   * @param ids what else an entry of the feed may name to concern the credential
   * @throws {IntrospectionFailure} by rejection
   */
  answer(
    question: Question,
    now: Moment,
    ids?: readonly RevocationId[],
  ): GivenAnswer | Promise<GivenAnswer> {
    const { isFeedFresh, memory } = this.parts;
    const ofCredential = this.#digest.ofCredential(question);
    const isFresh = isFeedFresh(now);
    const known = memory.recall(ofCredential, now, isFresh);
    if (known !== undefined) return { answer: known, source: 'cache' };
    const ofQuestion = this.#digest.ofQuestion(question);
    const sameAsked = memory.recall(ofQuestion, now, isFresh);
    if (sameAsked !== undefined) return { answer: sameAsked, source: 'cache' };
    if (memory.isInactive(ofQuestion, now)) {
      return { answer: { ...INACTIVE, askedAt: now }, source: 'cache' };
    }
    return this.#askOrShare(question, { ofCredential, ofQuestion }, ids);
  }

  close(): void {
    this.#closed.abort();
    this.parts.memory.clear();
  }

  async #askOrShare(
    question: Question,
    digests: { readonly ofCredential: string; readonly ofQuestion: string },
    ids: readonly RevocationId[] | undefined,
  ): Promise<GivenAnswer> {
    const { ofCredential, ofQuestion } = digests;
    // Twice: one that was asked otherwise may not fit, and then others may have asked the same.
    for (let round = 0; round < 2; round += 1) {
      const same = this.#underWay.get(ofQuestion);
      const others = same ?? this.#underWay.get(ofCredential);
      if (others === undefined) break;
      const answer = await others;
      if (this.#isUsable(answer) && (same !== undefined || holdsForOthers(answer))) {
        return { answer, source: 'introspection' };
      }
    }
    const asking = this.#ask(question, digests, ids);
    for (const digest of [ofCredential, ofQuestion]) this.#underWay.set(digest, asking);
    try {
      const answer = await asking;
      if (!this.#isUsable(answer)) throw tooLate();
      return { answer, source: 'introspection' };
    } finally {
      for (const digest of [ofCredential, ofQuestion]) {
        if (this.#underWay.get(digest) === asking) this.#underWay.delete(digest);
      }
    }
  }

  async #ask(
    question: Question,
    { ofCredential, ofQuestion }: { readonly ofCredential: string; readonly ofQuestion: string },
    ids: readonly RevocationId[] | undefined,
  ): Promise<IntrospectionAnswer> {
    const { introspector, memory } = this.parts;
    const answer = await introspector.ask(question, this.#closed.signal);
    if (!answer.active) memory.rememberInactive(ofQuestion, answer.askedAt);
    else memory.remember(holdsForOthers(answer) ? ofCredential : ofQuestion, answer, ids);
    return answer;
  }

  /** What was true when it was asked may be a revocation ago by now. */
  #isUsable({ askedAt }: IntrospectionAnswer): boolean {
    return elapsedMs(askedAt, momentOf(this.parts.clock)) <= this.parts.limitMs;
  }
}

/** Whether an answer holds for other requests as well, once what restricts it was checked. */
function holdsForOthers(answer: IntrospectionAnswer): answer is ActiveAnswer {
  return answer.active && answer.restrictions !== undefined;
}

function tooLate(): IntrospectionFailure {
  return new IntrospectionFailure('introspection', 1, { cause: new Error('answered too late') });
}

/** Whether a credential's restrictions, as far as the service tells them, are satisfied. */
export function checkAnswerRestrictions(answer: ActiveAnswer, context: RequestContext) {
  for (const restrictions of answer.restrictions ?? []) {
    const checked = checkRestrictions(restrictions, context);
    if (!checked.ok) return checked;
  }
  return undefined;
}
