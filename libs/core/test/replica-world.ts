import { MemoryFreshness } from '../src/state/memory-freshness.js';
import { leaseOverAfterMs } from '../src/replicas/lease-over-after-ms.js';
import { PropagationCheck } from '../src/replicas/propagation-check.js';
import { ReplicaLease } from '../src/replicas/replica-lease.js';
import type { ReplicaRow, ReplicaStore } from '../src/replicas/replica-row.js';
import { ReplicaWatch } from '../src/replicas/replica-watch.js';
import { SimulatedProcess, type SimulatedTime } from './simulated-time.js';

export const LEASE_MS = 20_000;
const RENEW_EVERY_MS = 2_000;
const LOOK_EVERY_MS = 1_200;

/** What is left out of the protocol, to see that the test would notice. */
export type Omission =
  | 'the margin for clocks'
  | 'the condition on seq'
  | 'registering before looking'
  | 'heeding that the registration is gone'
  | 'counting from before the look'
  | 'the wall clock';

/** How things go wrong by chance: numbers from 0 to 1. */
export type Chance = () => number;

/** The way between a process and the database. */
class Link {
  #cutUntilMs = 0;

  constructor(
    private readonly time: SimulatedTime,
    private readonly chance: Chance,
  ) {}

  cut(forMs: number): void {
    this.#cutUntilMs = Math.max(this.#cutUntilMs, this.time.nowMs + forMs);
  }

  /** A message on its way: mostly fast, now and then for longer than a lease. @throws when it is lost */
  async pass(): Promise<void> {
    const slow = this.chance() < 0.04 ? 1.2 * LEASE_MS : 6;
    await this.time.sleep(this.chance() * slow);
    if (this.time.nowMs < this.#cutUntilMs) throw new Error('lost');
  }
}

interface Row {
  seq: number;
  appliedPosition: number;
}

/** The database: each statement sees a snapshot, commits later, and is answered later still. */
class Database {
  head = 0;
  readonly replicas = new Map<string, Row>();

  async run<Seen, Answer>(
    process: SimulatedProcess,
    link: Link,
    see: () => Seen,
    commit: (seen: Seen) => Answer,
  ): Promise<Answer> {
    await link.pass();
    const seen = see();
    await process.time.sleep(2);
    const answer = commit(seen);
    await link.pass();
    await process.turn();
    return answer;
  }
}

/** A replica as the follower makes one, and whether it would answer from memory. */
export class Replica {
  applied = -1;
  readonly link: Link;
  readonly freshness: MemoryFreshness;
  readonly #lease = new ReplicaLease(LEASE_MS, RENEW_EVERY_MS);
  #id: string | null = null;

  constructor(
    readonly process: SimulatedProcess,
    private readonly world: ReplicaWorld,
    readonly name: string,
  ) {
    const { monotonicMs, wallMs } = process;
    this.link = new Link(process.time, world.chance);
    this.freshness = new MemoryFreshness(this.#lease, {
      monotonicMs,
      wallMs: world.omits('the wall clock') ? () => Number.NEGATIVE_INFINITY : wallMs,
    });
  }

  answersFromMemory(): boolean {
    return this.process.isRunning && this.freshness.isFresh();
  }

  async follow(): Promise<never> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!this.world.omits('registering before looking')) await this.#register(attempt);
        await this.#look(attempt);
        if (this.#lease.hasTold(this.applied)) await this.process.sleep(LOOK_EVERY_MS);
      } catch {
        await this.process.sleep(20);
      }
    }
  }

  async #register(attempt: number): Promise<void> {
    if (this.#id !== null) return;
    const id = `${this.name}-${attempt}`;
    const { database } = this.world;
    await database.run(
      this.process,
      this.link,
      () => undefined,
      () => database.replicas.set(id, { seq: 0, appliedPosition: -1 }),
    );
    this.#id = id;
  }

  async #look(attempt: number): Promise<void> {
    const { database } = this.world;
    let askedAt = this.#now();
    const told = this.applied;
    const renews = this.#id !== null && this.#lease.isDue(askedAt.monotonicMs, told);
    const look = await database.run(
      this.process,
      this.link,
      () => database.head,
      (head) => ({ head, renewed: renews && this.#renew(told) }),
    );
    if (renews && !look.renewed && !this.world.omits('heeding that the registration is gone')) {
      this.#lease.lose();
      this.#id = null;
      return;
    }
    if (renews) this.#lease.told(askedAt, told);
    if (look.head > this.applied) await this.process.sleep(this.world.chance() * 80);
    this.applied = look.head;
    if (this.world.omits('counting from before the look')) askedAt = this.#now();
    if (renews || this.world.omits('registering before looking')) this.#lease.begin(askedAt);
    await this.#register(attempt);
  }

  #renew(appliedPosition: number): boolean {
    const row = this.world.database.replicas.get(this.#id ?? '');
    if (row === undefined) return false;
    row.seq += 1;
    row.appliedPosition = appliedPosition;
    return true;
  }

  #now() {
    return { monotonicMs: this.process.monotonicMs(), wallMs: this.process.wallMs() };
  }
}

/** A process that revokes, and watches over the replicas. */
export class Revoker {
  readonly #link: Link;
  readonly #watch: ReplicaWatch;

  constructor(
    private readonly process: SimulatedProcess,
    private readonly world: ReplicaWorld,
  ) {
    const { monotonicMs } = process;
    this.#link = new Link(process.time, world.chance);
    this.#watch = new ReplicaWatch({
      store: this.#store(),
      monotonicMs,
      ...(world.omits('the margin for clocks') && { overAfterMs: (leaseMs: number) => leaseMs }),
    });
  }

  async revoke(): Promise<void> {
    const { world, process } = this;
    const { database } = world;
    const position = await database.run(
      process,
      this.#link,
      () => undefined,
      () => (database.head += 1),
    );
    const committedAtMs = process.monotonicMs();
    const check = new PropagationCheck(position, committedAtMs);
    world.bounds.push({
      position,
      isOver: () => process.monotonicMs() - committedAtMs >= leaseOverAfterMs(LEASE_MS),
    });
    for (;;) {
      check.see(await this.#watch.observe());
      if (check.confirmed) break;
      await process.sleep(3 + this.world.chance() * 400);
    }
    world.confirmed = Math.max(world.confirmed, position);
    world.confirmations += 1;
  }

  async keepHouse(): Promise<never> {
    for (;;) {
      await this.process.sleep(LEASE_MS);
      await this.#watch.observe();
    }
  }

  #store(): ReplicaStore {
    const { database } = this.world;
    const rows = (): ReplicaRow[] =>
      [...database.replicas].map(([id, row]) => ({ id, ...row, leaseMs: LEASE_MS }));
    const isTheSame = (id: string, seq: number) =>
      this.world.omits('the condition on seq') || database.replicas.get(id)?.seq === seq;
    return {
      read: () => database.run(this.process, this.#link, rows, (seen) => seen),
      remove: (id, seq) =>
        database.run(
          this.process,
          this.#link,
          () => undefined,
          () => isTheSame(id, seq) && database.replicas.delete(id),
        ),
    };
  }
}

/** Everything that takes part, and what was promised so far. */
export class ReplicaWorld {
  readonly database = new Database();
  readonly replicas: Replica[] = [];
  /** The last position that was confirmed. */
  confirmed = 0;
  confirmations = 0;
  /** What was promised of changes that are not confirmed. */
  readonly bounds: { readonly position: number; readonly isOver: () => boolean }[] = [];

  constructor(
    readonly time: SimulatedTime,
    readonly chance: Chance,
    private readonly omission: Omission | undefined,
  ) {}

  omits(omission: Omission): boolean {
    return this.omission === omission;
  }

  startReplica(rate: number): Replica {
    const name = `replica-${this.replicas.length}`;
    const process = new SimulatedProcess(this.time, rate, this.chance() * 1e6);
    const replica = new Replica(process, this, name);
    this.replicas.push(replica);
    void replica.follow();
    return replica;
  }

  /** @throws when a replica would accept what was revoked, against a promise */
  assertPromisesAreKept(): void {
    const bound = Math.max(
      0,
      ...this.bounds.filter(({ isOver }) => isOver()).map(({ position }) => position),
    );
    for (const replica of this.replicas) {
      if (!replica.answersFromMemory()) continue;
      const { name, applied } = replica;
      if (applied < this.confirmed) throw new Error(`${name} is at ${applied} after confirmation`);
      if (applied < bound) throw new Error(`${name} is at ${applied} after the bound`);
    }
  }
}
