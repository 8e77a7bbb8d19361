import { setTimeout as delay } from 'node:timers/promises';
import { bindsFromMs } from '../checker/promises.js';
import type { Taking } from '../history/operation.js';
import type { Random } from '../random.js';
import type { Asker } from '../workload/asker.js';
import type { Estate } from '../workload/estate.js';
import type { Load } from './load.js';

const PROBED_MAX = 5;
const PROBE_WAIT_MAX_MS = 4_000;
/** Just past the moment: a timer may fire a little early. */
const PAST_MS = 3;

/** Asks everyone about what a change took, at the very moments at which nobody may honour it any more. */
export class Probe {
  constructor(
    private readonly asker: Asker,
    private readonly estate: Estate,
    private readonly load: Load,
    private readonly random: Random,
    private readonly verifierStalenessMs: number,
  ) {}

  /** Resolves once the last question is under way. */
  async after(taking: Taking): Promise<void> {
    const names = this.estate.hitBy(taking.from).map(({ name }) => name);
    this.load.prefer(names);
    const probed = this.random.shuffled(names).slice(0, PROBED_MAX);
    const fromMs = bindsFromMs(taking);
    if (fromMs - performance.now() > PROBE_WAIT_MAX_MS) return;
    await until(fromMs);
    this.#ask(probed, 'replicas');
    await until(fromMs + this.verifierStalenessMs);
    this.#ask(probed, 'verifiers');
  }

  /** For the first time, everywhere at once. */
  first(names: readonly string[]): void {
    this.#ask(names, 'replicas');
    this.#ask(names, 'verifiers');
  }

  #ask(names: readonly string[], whom: 'replicas' | 'verifiers'): void {
    for (const asked of this.asker.whom) {
      if ((asked.road === 'local') !== (whom === 'verifiers')) continue;
      for (const name of names) {
        if (this.estate.cold.has(name) || !this.asker.concerns(asked, name)) continue;
        void this.asker.ask(asked, name);
      }
    }
  }
}

async function until(momentMs: number): Promise<void> {
  const waitMs = momentMs - performance.now();
  if (waitMs > 0) await delay(waitMs + PAST_MS);
}
