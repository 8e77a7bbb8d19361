interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that passes from one event to the next, as fast as the machine can work them off. */
export class SimulatedTime {
  nowMs = 0;
  readonly #events: Event[] = [];

  /** Resolves when that moment has come. */
  reach(atMs: number): Promise<void> {
    return new Promise((run) => {
      const index = this.#events.findIndex((event) => event.atMs > atMs);
      this.#events.splice(index === -1 ? this.#events.length : index, 0, { atMs, run });
    });
  }

  sleep(ms: number): Promise<void> {
    return this.reach(this.nowMs + ms);
  }

  /** Lets time pass until then, and calls `afterEach` after everything that happens. */
  async runUntil(endMs: number, afterEach: () => void): Promise<void> {
    for (;;) {
      const event = this.#events[0];
      if (event === undefined || event.atMs > endMs) return;
      this.#events.shift();
      this.nowMs = event.atMs;
      event.run();
      // All that follows from it without time passing.
      await new Promise((resolve) => setImmediate(resolve));
      afterEach();
    }
  }
}

/** A process with clocks of its own, which can be stopped, suspended with its machine, or killed. */
export class SimulatedProcess {
  #resumesAtMs = 0;
  #suspendedMs = 0;

  /** @param rate how fast its monotonic clock runs; 1 is right */
  constructor(
    readonly time: SimulatedTime,
    private readonly rate: number,
    private readonly offsetMs: number,
  ) {}

  get isRunning(): boolean {
    return this.time.nowMs >= this.#resumesAtMs;
  }

  readonly monotonicMs = (): number =>
    this.offsetMs + this.rate * (this.time.nowMs - this.#suspendedMs);

  readonly wallMs = (): number => 1_790_000_000_000 + this.time.nowMs;

  stop(forMs: number): void {
    this.#resumesAtMs = Math.max(this.#resumesAtMs, this.time.nowMs + forMs);
  }

  /** Like `stop`, but the monotonic clock stands still meanwhile. */
  suspend(forMs: number): void {
    if (!this.isRunning) return;
    this.stop(forMs);
    this.#suspendedMs += forMs;
  }

  kill(): void {
    this.#resumesAtMs = Number.POSITIVE_INFINITY;
  }

  /** Resolves once the process runs: at once, later or never. */
  async turn(): Promise<void> {
    while (!this.isRunning) await this.time.reach(this.#resumesAtMs);
  }

  /** @param ms on its own clock */
  async sleep(ms: number): Promise<void> {
    await this.time.sleep(ms / this.rate);
    await this.turn();
  }
}
