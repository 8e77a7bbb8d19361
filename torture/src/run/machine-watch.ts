import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Cluster } from '../cluster/cluster.js';
import type { HistoryWriter } from '../history/history.js';
import type { VerifierHost } from '../cluster/verifier-host.js';
import { type Affected, affects } from '../nemesis/fault.js';
import { callHttp } from '../network/http-call.js';

const PULSE_EVERY_MS = 50;
const PULSE_TIMEOUT_MS = 8_000;
/** What a pulse may take on a machine that has time for it. */
const SLOW_MS = 150;

/**
 * Feels the pulse of everybody all the time, by what costs nothing: a timer of the test bed's own, a
 * liveness check of each replica, a statement in Postgres, a message to the verifiers. Where it is slow, the machine had no time for
 * that process, and what came late meanwhile is nobody's fault: it goes on record like a fault.
 */
export class MachineWatch {
  readonly #all: readonly number[];
  readonly #watching: Promise<void>[];
  #isStopped = false;

  constructor(
    private readonly cluster: Cluster,
    verifiers: VerifierHost,
    private readonly history: HistoryWriter,
  ) {
    this.#all = cluster.replicas.map(({ index }) => index);
    const verifiersOnly = { replicas: [], verifiersOf: this.#all };
    this.#watching = [
      this.#watch('the test bed', affects(...this.#all), () => delay(0)),
      this.#watchPostgres(),
      this.#watch('the verifiers', verifiersOnly, () => verifiers.pulse()),
      ...this.#all.map((replica) =>
        this.#watch(`replica ${replica}`, affects(replica), () => this.#liveness(replica)),
      ),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#watching);
  }

  async #watch(who: string, affected: Affected, pulse: () => Promise<unknown>): Promise<void> {
    let fromMs = performance.now();
    while (!this.#isStopped) {
      await delay(PULSE_EVERY_MS);
      await pulse();
      const endMs = performance.now();
      const tookMs = endMs - fromMs - PULSE_EVERY_MS;
      if (tookMs > SLOW_MS) {
        const what = `slow ${who}, by ${tookMs.toFixed(0)} ms`;
        this.history.faults.push({ what, startMs: fromMs, endMs, ...affected, isSlowness: true });
      }
      fromMs = endMs;
    }
  }

  #liveness(replica: number): Promise<unknown> {
    const { port } = this.cluster.replica(replica);
    const common = { method: 'GET', path: '/health/live', headers: {}, isRepeatable: true };
    return callHttp({ ...common, port, timeoutMs: PULSE_TIMEOUT_MS });
  }

  async #watchPostgres(): Promise<void> {
    let client: pg.Client | undefined;
    await this.#watch('Postgres', affects(...this.#all), async () => {
      try {
        client ??= await this.#connect();
        await client.query('SELECT 1');
      } catch {
        // It is being restarted, which is on record as such.
        client = undefined;
      }
    });
    void client?.end().catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.cluster.database.url,
      connectionTimeoutMillis: PULSE_TIMEOUT_MS,
      query_timeout: PULSE_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
