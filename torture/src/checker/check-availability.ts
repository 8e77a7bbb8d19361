import type { Ask, Asked, FaultWindow, Interval, Taking } from '../history/operation.js';
import type { Promises } from './promises.js';
import type { Violation } from './violation.js';

/** Whether an answer may be missing: only while something is broken, and shortly after. */
export function checkAvailability(
  ask: Ask,
  faults: readonly FaultWindow[],
  promises: Promises,
): Violation[] {
  if (ask.final) return [{ clause: 'not-recovered', ask }];
  const isExcused = faults.some(
    (fault) => concerns(fault, ask.asked) && overlaps(fault, ask, promises),
  );
  return isExcused ? [] : [{ clause: 'unavailable', ask }];
}

/** A change waits for every replica, so that any fault may keep it from being confirmed. */
export function checkConfirmation(
  taking: Taking,
  faults: readonly FaultWindow[],
  promises: Promises,
): Violation[] {
  const { outcome, impatient } = taking;
  const isMissing = (outcome === 'unconfirmed' && !impatient) || outcome === 'unknown';
  if (!isMissing || faults.some((fault) => overlaps(fault, taking, promises))) return [];
  return [{ clause: 'taking-unconfirmed', taking }];
}

function concerns({ replicas, verifiersOf }: FaultWindow, { road, replica }: Asked): boolean {
  return replicas.includes(replica) || (road === 'local' && verifiersOf.includes(replica));
}

function overlaps(
  fault: FaultWindow,
  { startMs, endMs }: Interval,
  { recoveryMs }: Promises,
): boolean {
  return fault.startMs <= endMs && startMs <= fault.endMs + recoveryMs;
}
