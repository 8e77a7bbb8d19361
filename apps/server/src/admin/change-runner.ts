import type { Propagation } from '@countersign/contracts';
import { PropagationWaiter } from '@countersign/core';
import {
  ChangeFollower,
  type ChangeTransaction,
  type CommittedChange,
  runChangeTransaction,
  withDatabaseFailures,
} from '@countersign/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import type { Created } from '../http/created.js';
import { ProblemException } from '../http/problem.js';
import { Propagated } from '../http/propagated.js';
import type { RequestContext } from '../http/request-context.js';
import { createOnce } from './create-once.js';
import { problemOfViolation } from './problem-of-violation.js';

const APPLIED_WITHIN_MS = 5_000;

type Work<T> = (tx: ChangeTransaction) => Promise<T>;
type Author = Pick<RequestContext, 'actor'>;
type Patience = Pick<RequestContext, 'preferredWaitSeconds'>;

/** A change that is in the database. */
interface Committed<T> extends CommittedChange<T> {
  /** Monotonic ms, after the commit was confirmed. */
  readonly committedAtMs: number;
}

/**
 * Runs each change of the admin API: one transaction with its audit events and its entries of the
 * change feed. What takes something away is answered once every replica has applied it or cannot
 * answer from memory; anything else once this process has.
 */
@Injectable()
export class ChangeRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly follower: ChangeFollower,
    private readonly propagation: PropagationWaiter,
    @Inject(CONFIG) private readonly config: Pick<Config, 'confirmWaitMs'>,
  ) {}

  /**
   * Runs a change. One that changes nothing is confirmed like one that takes something away: it may be
   * the retry of such a one, which was not.
   * @param work may be run again, from the start, when the database gave way to another transaction
   * @throws {ProblemException} `unavailable` when the change was saved but not applied in time
   */
  async run<T>(request: Author & Patience, work: Work<T>): Promise<T | Propagated<T>> {
    const committed = await this.#commit(request, work);
    const { result, position, revokes } = committed;
    if (revokes || position === null) return this.#propagated(request, committed);
    await this.#waitUntilApplied(position);
    return result;
  }

  /** Runs a removal, which always tells how far it has come. */
  async remove(request: Author & Patience, work: Work<void>): Promise<Propagated<void>> {
    return this.#propagated(request, await this.#commit(request, work));
  }

  /**
   * Runs a creation, at most once for each Idempotency-Key of the caller.
   * @param supersedes whether it may end what was before, so that a replay has to be confirmed too
   */
  async create<Body extends object>(
    request: RequestContext,
    work: Work<Created<Body>>,
    { supersedes = false } = {},
  ): Promise<Created<Body> | Propagated<Created<Body>>> {
    const { idempotent, caller } = request;
    const committed = await this.#commit(request, (tx) =>
      idempotent === null
        ? work(tx)
        : createOnce(tx, caller.principal.subject, idempotent, () => work(tx)),
    );
    const { result, position, revokes } = committed;
    if (revokes || (result.replayed && supersedes)) return this.#propagated(request, committed);
    // The first answer may never have come because what it created was not applied in time.
    if (result.replayed) await this.#waitUntilApplied((await this.#head()).position);
    else if (position !== null) await this.#waitUntilApplied(position);
    return result;
  }

  /** Runs a change that nobody is told about: it is enough that this process has applied it. */
  async runQuietly<T>(author: Author, work: Work<T>): Promise<T> {
    const { result, position } = await this.#commit(author, work);
    if (position !== null) await this.#waitUntilApplied(position);
    return result;
  }

  /** Runs a revocation, and tells how far it has come. */
  async revoke(request: Author & Patience, work: Work<void>): Promise<Propagation> {
    return this.#confirm(request, await this.#commit(request, work));
  }

  /** How far everything has come that was revoked until now. @throws {DependencyUnavailable} */
  async confirmAll(request: Patience): Promise<Propagation> {
    return this.#confirm(request, await this.#head());
  }

  async #commit<T>({ actor }: Author, work: Work<T>): Promise<Committed<T>> {
    try {
      const change = await runChangeTransaction(this.dataSource, actor, work);
      return { ...change, committedAtMs: performance.now() };
    } catch (error) {
      throw problemOfViolation(error);
    }
  }

  async #propagated<T>(request: Patience, committed: Committed<T>): Promise<Propagated<T>> {
    const propagation = await this.#confirm(request, committed);
    return new Propagated(committed.result, propagation, request.preferredWaitSeconds);
  }

  async #confirm(
    { preferredWaitSeconds }: Patience,
    { position, committedAtMs }: Pick<Committed<unknown>, 'position' | 'committedAtMs'>,
  ): Promise<Propagation> {
    if (position === null) return this.#confirm({ preferredWaitSeconds }, await this.#head());
    const preferredMs = (preferredWaitSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
    const waitMs = Math.min(this.config.confirmWaitMs, preferredMs);
    return this.propagation.waitUntilConfirmed(position, committedAtMs, waitMs);
  }

  /** Where the feed ends: what was committed before is at this position, or before it. */
  async #head(): Promise<{ position: number; committedAtMs: number }> {
    const [head] = await withDatabaseFailures(() =>
      this.dataSource.query<{ position: string }[]>('SELECT position FROM change_head'),
    );
    return { position: Number(head?.position ?? 0), committedAtMs: performance.now() };
  }

  async #waitUntilApplied(position: number): Promise<void> {
    if (await this.follower.waitUntilApplied(position, APPLIED_WITHIN_MS)) return;
    throw new ProblemException(
      'unavailable',
      'The change was saved, but does not take effect yet: the change feed is not being followed.',
      { headers: { 'retry-after': '5' } },
    );
  }
}
