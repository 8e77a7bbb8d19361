import { databaseTimeMs, pruneExpired, recordKeyUse } from '@countersign/persistence';
import type { DataSource } from 'typeorm';
import type { Logger } from '../observability/logger.js';
import type { CredentialCore } from './create-credential-core.js';

const RECORD_USE_EVERY_MS = 5_000;
const WATCH_REPLICAS_EVERY_MS = 1_000;
const PRUNE_EVERY_MS = 60_000;

/** What is done now and then, off every request's path. */
export class Housekeeping {
  #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly core: Pick<CredentialCore, 'keyStates' | 'replicas' | 'revocations'>,
    private readonly dataSource: DataSource,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#every(RECORD_USE_EVERY_MS, 'recording key use', () => this.recordKeyUse());
    // So that a revocation rarely has to wait for a replica that is dead.
    this.#every(WATCH_REPLICAS_EVERY_MS, 'watching the replicas', async () => {
      await this.core.replicas.observe();
    });
    this.#every(PRUNE_EVERY_MS, 'pruning', () => this.prune());
  }

  /** Stops, and records what is left to record. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#attempt('recording key use', () => this.recordKeyUse());
  }

  /** Writes when keys were last used: one statement for all that were, however often. */
  async recordKeyUse(): Promise<void> {
    const uses = this.core.keyStates.takeUses();
    if (uses.size > 0) await recordKeyUse(this.dataSource, uses);
  }

  /**
   * Drops what is over, from memory and from the database, by the database's clock: one of ours that is ahead
   * would forget revocations of what is alive once it is put right.
   */
  async prune(): Promise<void> {
    this.core.revocations.prune(await databaseTimeMs(this.dataSource));
    await pruneExpired(this.dataSource);
  }

  #every(intervalMs: number, what: string, work: () => Promise<void>): void {
    let underWay = false;
    const timer = setInterval(() => {
      if (underWay) return;
      underWay = true;
      void this.#attempt(what, work).finally(() => {
        underWay = false;
      });
    }, intervalMs);
    this.#timers.push(timer.unref());
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn({ error }, `${what} failed; it will be tried again`);
    }
  }
}
