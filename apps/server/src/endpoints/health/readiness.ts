import { Inject, Injectable } from '@nestjs/common';
import { DrainState } from './drain-state.js';
import { READINESS_PROBES, type ReadinessCheck, type ReadinessProbe } from './readiness-probe.js';
import type { ReadinessReport } from './readiness-report.js';

const PROBE_TIMEOUT_MS = 1000;
const REMEMBERED_MS = 500;

type Checks = ReadinessReport['checks'];

/**
 * Whether the service can do its work. Everybody may ask, so what the probes said is remembered for
 * half a second and they never run twice at a time; that the process is draining shows at once.
 */
@Injectable()
export class Readiness {
  #latest: { readonly checks: Promise<Checks>; endsAtMs: number } | undefined;

  constructor(
    @Inject(READINESS_PROBES) private readonly probes: readonly ReadinessProbe[],
    private readonly drainState: DrainState,
  ) {}

  async report(): Promise<ReadinessReport> {
    const checks = await this.#checks();
    return { status: this.#status(checks), checks };
  }

  #status(checks: Checks): ReadinessReport['status'] {
    if (this.drainState.draining) return 'draining';
    return Object.values(checks).every((check) => check === 'up') ? 'ready' : 'not_ready';
  }

  #checks(): Promise<Checks> {
    if (this.#latest === undefined || performance.now() >= this.#latest.endsAtMs) {
      const latest = { checks: runAll(this.probes), endsAtMs: Number.POSITIVE_INFINITY };
      this.#latest = latest;
      void latest.checks.then(() => {
        latest.endsAtMs = performance.now() + REMEMBERED_MS;
      });
    }
    return this.#latest.checks;
  }
}

async function runAll(probes: readonly ReadinessProbe[]): Promise<Checks> {
  const [database, changeFeed, signingKeys] = await Promise.all([
    runOne(probes, 'database'),
    runOne(probes, 'change_feed'),
    runOne(probes, 'signing_keys'),
  ]);
  return { database, change_feed: changeFeed, signing_keys: signingKeys };
}

/** A check that nobody probes is down: a forgotten probe must not look like health. */
async function runOne(
  probes: readonly ReadinessProbe[],
  check: ReadinessCheck,
): Promise<'up' | 'down'> {
  const matching = probes.filter((probe) => probe.check === check);
  if (matching.length === 0) return 'down';
  const answers = await Promise.all(matching.map(answerInTime));
  return answers.every(Boolean) ? 'up' : 'down';
}

async function answerInTime(probe: ReadinessProbe): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe.isReady(), timeout]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
