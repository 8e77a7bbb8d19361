import {
  ChangeFollower,
  type ChangeTransaction,
  runChangeTransaction,
} from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Created } from '../http/created.js';
import { ProblemException } from '../http/problem.js';
import type { RequestContext } from '../http/request-context.js';
import { createOnce } from './create-once.js';
import { problemOfViolation } from './problem-of-violation.js';

const APPLIED_WITHIN_MS = 5_000;

/**
 * Runs each change of the admin API: one transaction with its audit events and its entries of the
 * change feed, and no answer before this process itself has applied them.
 */
@Injectable()
export class ChangeRunner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly follower: ChangeFollower,
  ) {}

  /**
   * @param work may be run again, from the start, when the database gave way to another transaction
   * @throws {ProblemException} `unavailable` when the change was saved but not applied in time
   */
  async run<T>(
    { actor }: Pick<RequestContext, 'actor'>,
    work: (tx: ChangeTransaction) => Promise<T>,
  ): Promise<T> {
    try {
      const { result, position } = await runChangeTransaction(this.dataSource, actor, work);
      if (position !== null) await this.#waitUntilApplied(position);
      return result;
    } catch (error) {
      throw problemOfViolation(error);
    }
  }

  /** Runs a creation, at most once for each Idempotency-Key of the caller. */
  async create<Body extends object>(
    request: RequestContext,
    work: (tx: ChangeTransaction) => Promise<Created<Body>>,
  ): Promise<Created<Body>> {
    const { idempotent, caller } = request;
    if (idempotent === null) return this.run(request, work);
    const created = await this.run(request, (tx) =>
      createOnce(tx, caller.principal.subject, idempotent, () => work(tx)),
    );
    // The first answer may never have come because what it created was not applied in time.
    if (created.replayed) await this.#waitUntilApplied(await this.#latestPosition());
    return created;
  }

  async #latestPosition(): Promise<number> {
    const [head] = await this.dataSource.query<{ position: string }[]>(
      'SELECT position FROM change_head',
    );
    return Number(head?.position ?? 0);
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
