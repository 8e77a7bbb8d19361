import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { VerifierHost } from '../cluster/verifier-host.js';
import { HistoryWriter, type History } from '../history/history.js';
import { beginFault } from '../nemesis/begin-fault.js';
import { disturbDatabase } from '../nemesis/disturb-database.js';
import type { Fault } from '../nemesis/fault.js';
import { Random } from '../random.js';
import type { Schedule } from '../schedule/schedule.js';
import type { FaultStep, IssuingStep, Step, TakingStep } from '../schedule/step.js';
import { WORLD } from '../schedule/world.js';
import { Asker } from '../workload/asker.js';
import type { Estate } from '../workload/estate.js';
import { issueKey } from '../workload/issue-key.js';
import { issueToken } from '../workload/issue-token.js';
import { prepareWorld } from '../workload/prepare-service.js';
import { readSigner } from '../workload/read-signer.js';
import { ServiceCaller } from '../workload/service-caller.js';
import { Taker } from '../workload/taker.js';
import { toTake } from '../workload/to-take.js';
import { askFinally } from './ask-finally.js';
import { Load } from './load.js';
import { MachineWatch } from './machine-watch.js';
import { Probe } from './probe.js';

export interface RunOptions {
  readonly cluster: Cluster;
  readonly verifiers: VerifierHost;
  readonly leaseMs: number;
  readonly verifierStalenessMs: number;
  /** Tells apart what several runs on one cluster make. */
  readonly suffix: string;
  readonly say: (what: string) => void;
}

/** Makes a world of its own, does to it and to the cluster what the schedule says, and heals everything. */
export async function runSchedule(schedule: Schedule, options: RunOptions): Promise<History> {
  const { cluster, verifiers, suffix } = options;
  const history = new HistoryWriter();
  const caller = new ServiceCaller(cluster);
  const estate = await prepareWorld(caller, WORLD, suffix, history);
  const kid = await readSigner(caller);
  const random = new Random(~schedule.seed);
  const asker = new Asker(caller, verifiers, estate, history);
  const load = new Load(asker, estate, random);
  const probe = new Probe(asker, estate, load, random, options.verifierStalenessMs);
  const taker = new Taker(caller, estate, history, kid);
  const run = new ScheduleRun({ ...options, history, caller, estate, load, probe, taker, kid });
  run.coolDown(schedule.steps);
  const watch = new MachineWatch(cluster, verifiers, history);
  load.start();
  try {
    await run.steps(schedule);
  } finally {
    load.stop();
    await asker.settled();
    await watch.stop();
  }
  await askFinally({ ...options, asker, estate, history });
  return history;
}

interface Parts extends RunOptions {
  readonly history: HistoryWriter;
  readonly caller: ServiceCaller;
  readonly estate: Estate;
  readonly load: Load;
  readonly probe: Probe;
  readonly taker: Taker;
  readonly kid: string;
}

/** The steps of one schedule, each at its moment, whether those before it have come to an end or not. */
class ScheduleRun {
  constructor(private readonly parts: Parts) {}

  /** What is to be met for the first time at a certain moment is not asked about before. */
  coolDown(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.do !== 'take' || step.coldLeadMs === null) continue;
      for (const name of this.#hitBy(step)) this.parts.estate.cold.add(name);
    }
  }

  async steps({ steps, durationMs }: Schedule): Promise<void> {
    const startMs = performance.now();
    const at = async (momentMs: number, work: () => Promise<void>) => {
      await delay(Math.max(0, startMs + momentMs - performance.now()));
      await work();
    };
    const done = await Promise.allSettled([
      // What is still being mended then, a process that starts say, needs no load.
      at(durationMs, async () => this.parts.load.stop()),
      ...steps.map((step) =>
        at(step.atMs - leadMs(step), () => {
          if (step.do === 'take') return this.#take(step);
          return step.do === 'issue' ? this.#issue(step) : this.#break(step);
        }),
      ),
    ]);
    // Not before all have come to an end: they would go on by themselves.
    const failed = done.find((step) => step.status === 'rejected');
    if (failed !== undefined) throw new Error('a step failed', { cause: failed.reason });
  }

  async #take(step: TakingStep): Promise<void> {
    const { probe, taker } = this.parts;
    const { lateReadsAt } = step;
    const startMs = performance.now();
    const late = lateReadsAt === null ? undefined : await this.#holdReads(lateReadsAt);
    if (step.coldLeadMs !== null) await this.#meet(step, step.coldLeadMs);
    const probes: Promise<void>[] = [];
    await taker.take(step, (taking) => {
      void late?.end();
      probes.push(probe.after(taking));
    });
    if (late !== undefined) this.#record(`late reads at replica ${lateReadsAt}`, startMs, late);
    await Promise.all(probes);
  }

  /** Everyone is asked about what is going to be taken, for the first time. */
  async #meet(step: TakingStep, untilMs: number): Promise<void> {
    const { estate, probe } = this.parts;
    const names = this.#hitBy(step);
    for (const name of names) estate.cold.delete(name);
    probe.first(names);
    await delay(untilMs);
  }

  #holdReads(replica: number): Promise<Fault> {
    return disturbDatabase(this.parts.cluster, replica, (proxy) => proxy.holdReads());
  }

  #record(what: string, startMs: number, { affected }: Fault): void {
    const endMs = performance.now();
    this.parts.history.faults.push({ what, startMs, endMs, ...affected, isSlowness: false });
  }

  async #issue({ issued, replica }: IssuingStep): Promise<void> {
    const { caller, estate, history } = this.parts;
    if (issued.issue === 'key') await issueKey(caller, estate, history, issued, replica);
    else await issueToken(caller, estate, history, issued, replica);
  }

  async #break({ broken, forMs }: FaultStep): Promise<void> {
    const { cluster, verifiers, say } = this.parts;
    const what = Object.values(broken).join(' ');
    const startMs = performance.now();
    const fault = await beginFault(cluster, verifiers, broken);
    await delay(forMs);
    await fault.end();
    this.#record(what, startMs, fault);
    say(what);
  }

  #hitBy({ taken }: TakingStep): string[] {
    const { estate, kid } = this.parts;
    const from = toTake(taken, estate, kid)?.from;
    return from === undefined ? [] : estate.hitBy(from).map(({ name }) => name);
  }
}

function leadMs(step: Step): number {
  return step.do === 'take' ? (step.coldLeadMs ?? 0) : 0;
}
