import { setTimeout as delay } from 'node:timers/promises';
import { isAcknowledged } from '../checker/promises.js';
import type { Cluster } from '../cluster/cluster.js';
import type { VerifierHost } from '../cluster/verifier-host.js';
import type { HistoryWriter } from '../history/history.js';
import type { Ask, Asked } from '../history/operation.js';
import { untilTrue } from '../until-true.js';
import type { Asker } from '../workload/asker.js';
import type { Estate } from '../workload/estate.js';

const READY_TIMEOUT_MS = 20_000;
const ANSWER_TIMEOUT_MS = 10_000;
const PAUSE_MS = 100;
/** Beyond what the last change may still take. */
const MARGIN_MS = 400;

export interface FinalParts {
  readonly cluster: Cluster;
  readonly verifiers: VerifierHost;
  readonly leaseMs: number;
  readonly verifierStalenessMs: number;
  readonly asker: Asker;
  readonly estate: Estate;
  readonly history: HistoryWriter;
}

/**
 * Waits until everything has recovered, then asks everyone once more about everything: now there has to
 * be an answer, and the right one.
 * @throws {Error} when a replica has ended, or a replica or local verifier does not become ready
 */
export async function askFinally(parts: FinalParts): Promise<void> {
  const { cluster, verifiers, asker, estate, history, leaseMs, verifierStalenessMs } = parts;
  for (const proxy of [...cluster.databaseProxies, ...cluster.feedProxies]) proxy.heal();
  for (const replica of cluster.replicas) {
    await untilTrue(`replica ${replica.index} has recovered`, READY_TIMEOUT_MS, () => {
      if (replica.hasEnded) throw replica.explain(`replica ${replica.index} ended by itself`);
      return replica.isReady();
    });
  }
  // Under `continue` no answer tells that a verifier has not heard of anything for long.
  await verifiers.ready(READY_TIMEOUT_MS);
  await delay(Math.max(leaseMs, verifierStalenessMs, latestGraceMs(history)) + MARGIN_MS);
  const names = [...estate.credentials.keys()];
  for (const asked of asker.whom) {
    if (asked.road !== 'introspect' && asked.road !== 'local') continue;
    await Promise.all(
      names
        .filter((name) => asker.concerns(asked, name))
        .map(async (name) => history.asks.push(await askUntilTold(asker, asked, name))),
    );
  }
}

async function askUntilTold(asker: Asker, asked: Asked, name: string): Promise<Ask> {
  const limitMs = performance.now() + ANSWER_TIMEOUT_MS;
  for (;;) {
    const ask = await asker.ask(asked, name, true);
    if (ask.outcome !== 'unavailable' || performance.now() > limitMs) return ask;
    await delay(PAUSE_MS);
  }
}

/**
 * How long it still takes until the last acknowledged change holds. No bound is waited for, which may be
 * minutes: who answers now has looked at the feed since.
 */
function latestGraceMs({ takings }: HistoryWriter): number {
  const nowMs = performance.now();
  const ends = takings.filter(isAcknowledged).map(({ effectiveAtMs = 0 }) => effectiveAtMs - nowMs);
  return Math.max(0, ...ends);
}
