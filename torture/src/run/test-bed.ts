import { setTimeout as delay } from 'node:timers/promises';
import type { Promises } from '../checker/promises.js';
import { Cluster, ISSUER } from '../cluster/cluster.js';
import { type LocalVerifier, VerifierHost } from '../cluster/verifier-host.js';
import type { History } from '../history/history.js';
import type { Sabotage } from '../options.js';
import { ownProgram } from '../paths.js';
import type { Schedule } from '../schedule/schedule.js';
import { AUDIENCES } from '../workload/audiences.js';
import { prepareService } from '../workload/prepare-service.js';
import { ServiceCaller } from '../workload/service-caller.js';
import { runSchedule } from './run-schedule.js';

/** What is promised to those who follow the feed. */
const VERIFIER_STALENESS_MS = 1_000;
/**
 * To notice that a connection is dead, to try again, in the end every two seconds, and to catch up; on a
 * machine that has other things to do.
 */
const RECOVERY_MS = 5_000;
const CLOCK_SLACK_MS = 1_100;
const HANGS_AFTER_MS = 240_000;

const VERIFIERS: readonly LocalVerifier[] = [
  { road: 'local', replica: 0, policy: 'introspect' },
  { road: 'local', replica: 1, policy: 'refuse' },
  { road: 'local', replica: 2, policy: 'continue' },
  { road: 'local', replica: 2, policy: 'introspect' },
];

export interface TestBedOptions {
  readonly replicas: number;
  readonly leaseMs: number;
  readonly sabotage?: Sabotage;
  readonly verbose: boolean;
  readonly say: (what: string) => void;
}

/** A running cluster with its verifiers, which bears one schedule after another. */
export class TestBed {
  readonly promises: Promises = {
    verifierStalenessMs: VERIFIER_STALENESS_MS,
    recoveryMs: RECOVERY_MS,
    clockSlackMs: CLOCK_SLACK_MS,
  };
  #runs = 0;

  private constructor(
    private readonly options: TestBedOptions,
    private readonly cluster: Cluster,
    private readonly verifiers: VerifierHost,
  ) {}

  static async open(options: TestBedOptions): Promise<TestBed> {
    const { sabotage, replicas, leaseMs } = options;
    const databaseUrl = process.env['DATABASE_URL'];
    const preloaded = sabotage === undefined ? [] : [ownProgram(`sabotage/${sabotage}`)];
    const isOfVerifiers = sabotage === 'client-freshness-ignored';
    const cluster = await Cluster.open({
      replicas,
      leaseMs,
      preloaded: isOfVerifiers ? [] : preloaded,
      ...(databaseUrl !== undefined && { databaseUrl }),
    });
    try {
      const verifiers = await VerifierHost.open({
        folder: cluster.folder,
        preloaded: isOfVerifiers ? preloaded : [],
        verifiers: VERIFIERS,
        serviceUrl: (replica) => `http://127.0.0.1:${cluster.feedProxy(replica).port}`,
        issuer: ISSUER,
        audience: AUDIENCES.long,
        credential: await prepareService(new ServiceCaller(cluster)),
      });
      return new TestBed(options, cluster, verifiers);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** @throws {Error} when it does not come to an end */
  async run(schedule: Schedule): Promise<History> {
    const hangs = new AbortController();
    const limitMs = schedule.durationMs + HANGS_AFTER_MS;
    try {
      const late = delay(limitMs, undefined, { signal: hangs.signal });
      return await Promise.race([
        this.#run(schedule),
        late.then(() => {
          throw new Error(`seed ${schedule.seed} has not come to an end after ${limitMs} ms`);
        }),
      ]);
    } finally {
      hangs.abort();
    }
  }

  #run(schedule: Schedule): Promise<History> {
    const { cluster, verifiers, options } = this;
    const { leaseMs, verbose, say } = options;
    this.#runs += 1;
    return runSchedule(schedule, {
      cluster,
      verifiers,
      leaseMs,
      verifierStalenessMs: VERIFIER_STALENESS_MS,
      suffix: `-${this.#runs}`,
      say: verbose ? say : () => undefined,
    });
  }

  async close(): Promise<void> {
    await this.verifiers.close();
    await this.cluster.close();
  }
}
