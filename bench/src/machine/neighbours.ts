import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { TICKS_PER_SECOND } from '../measure/cpu-time.js';
import { formatPercent } from '../report/format.js';

const SAMPLE_MS = 500;
// From here on, what others do shows in the figures.
const QUIET_SHARE = 0.05;

/** Watches what others do on the machine, in the pauses when the bench itself does nothing. */
export class Neighbours {
  readonly #stolenBefore = readTimes().stolenSeconds;
  #largestShare = 0;

  /** Looks for half a second. */
  async sample(): Promise<void> {
    const before = readTimes();
    await delay(SAMPLE_MS);
    const after = readTimes();
    const busy = after.busySeconds - before.busySeconds;
    const all = busy + after.idleSeconds - before.idleSeconds;
    if (all > 0) this.#largestShare = Math.max(this.#largestShare, busy / all);
  }

  describe(): string[] {
    const lines = [
      `In the pauses before sections, others used up to ${formatPercent(this.#largestShare)} of the machine's CPUs.`,
    ];
    if (this.#largestShare > QUIET_SHARE) {
      lines.push('NOT QUIET: these figures are not to be relied on.');
    }
    const stolen = readTimes().stolenSeconds - this.#stolenBefore;
    if (stolen > 0) {
      lines.push(`The host took ${stolen.toFixed(1)} s of CPU time from it during the run.`);
    }
    return lines;
  }
}

/** Of all CPUs together, since boot; NaN where it is not told. */
function readTimes() {
  // user, nice, system, idle, iowait, irq, softirq, steal
  const seconds = cpuFields().map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  const of = (at: number) => seconds[at] ?? Number.NaN;
  return {
    busySeconds: of(0) + of(1) + of(2) + of(5) + of(6),
    idleSeconds: of(3) + of(4),
    stolenSeconds: of(7),
  };
}

function cpuFields(): string[] {
  try {
    return readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1) ?? [];
  } catch {
    return [];
  }
}
