import type { Asked } from '../history/operation.js';
import type { Random } from '../random.js';
import type { Asker } from '../workload/asker.js';
import type { Estate } from '../workload/estate.js';

const PAUSE_MIN_MS = 30;
const PAUSE_MAX_MS = 90;
/** A process that stands still must not gather more than it could ever answer. */
const OUTSTANDING_MAX = 12;
const RECENT_PROBABILITY = 0.5;
const RECENT_MAX = 12;

/** Asks about credentials all the time, everywhere, whether answers come or not. */
export class Load {
  /** Of what something was taken from lately. */
  readonly #recent: string[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #isStopped = false;

  constructor(
    private readonly asker: Asker,
    private readonly estate: Estate,
    private readonly random: Random,
  ) {}

  start(): void {
    for (const asked of this.asker.whom) this.#goOn(asked, { outstanding: 0 });
  }

  /** From now on these are asked about more often. */
  prefer(credentials: readonly string[]): void {
    this.#recent.unshift(...credentials);
    this.#recent.length = Math.min(this.#recent.length, RECENT_MAX);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #goOn(asked: Asked, state: { outstanding: number }): void {
    if (this.#isStopped) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (state.outstanding < OUTSTANDING_MAX) this.#askOnce(asked, state);
        this.#goOn(asked, state);
      },
      this.random.between(PAUSE_MIN_MS, PAUSE_MAX_MS),
    );
    this.#timers.add(timer);
  }

  #askOnce(asked: Asked, state: { outstanding: number }): void {
    const credential = this.#choose(asked);
    if (credential === undefined) return;
    state.outstanding += 1;
    void this.asker.ask(asked, credential).finally(() => (state.outstanding -= 1));
  }

  #choose(asked: Asked): string | undefined {
    const all = [...this.estate.credentials.keys()];
    const isRecent = this.#recent.length > 0 && this.random.chance(RECENT_PROBABILITY);
    const credential = this.random.pick(isRecent ? this.#recent : all);
    if (this.estate.cold.has(credential)) return undefined;
    return this.asker.concerns(asked, credential) ? credential : undefined;
  }
}
