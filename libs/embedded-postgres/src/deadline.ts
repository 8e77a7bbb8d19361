import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** The moment at which a start gives up, so that every step of it shares one time limit. */
export class Deadline {
  readonly #endsAtMs: number;

  constructor(private readonly limitSeconds: number) {
    this.#endsAtMs = performance.now() + limitSeconds * 1000;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAtMs - performance.now());
  }

  get hasPassed(): boolean {
    return this.remainingMs === 0;
  }

  /**
   * Waits until `condition` holds, asking every few milliseconds.
   *
   * @param waitingFor ends the sentence "gave up after 60 s waiting …", in the error's message
   * @throws {EmbeddedPostgresError} `start_timed_out`
   */
  async until(condition: () => boolean, waitingFor: string): Promise<void> {
    while (!condition()) {
      if (this.hasPassed) {
        throw new EmbeddedPostgresError(
          'start_timed_out',
          `Embedded Postgres: gave up after ${this.limitSeconds} s waiting ${waitingFor}.`,
        );
      }
      await sleep(10);
    }
  }
}
