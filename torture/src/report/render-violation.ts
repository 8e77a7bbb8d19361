import { CLAUSES, type Violation } from '../checker/violation.js';
import type { History } from '../history/history.js';
import type { Ask, FaultWindow, Interval, Taking } from '../history/operation.js';

/** Milliseconds before and after, from which faults are told. */
const AROUND_MS = 3_000;

/** Says what is wrong, with what was going on around it. Times are seconds since the first question. */
export function renderViolation(violation: Violation, history: History): string {
  const { clause, ask, taking } = violation;
  const originMs = history.asks[0]?.startMs ?? 0;
  const at = ({ startMs, endMs }: Interval) =>
    `${seconds(startMs - originMs)} to ${seconds(endMs - originMs)}`;
  const moment = ask ?? taking;
  const faults = history.faults.filter((fault) => moment && isAround(fault, moment));
  const slow = faults.filter(({ isSlowness }) => isSlowness);
  const lines = [
    `VIOLATION ${clause}: ${CLAUSES[clause]}`,
    ...(ask ? [`  asked    ${at(ask)}  ${renderAsk(ask)}`] : []),
    ...(taking ? [`  taken    ${at(taking)}  ${renderTaking(taking)}`] : []),
    ...(ask
      ? takenBefore(ask, history).map((each) => `  changed  ${at(each)}  ${renderTaking(each)}`)
      : []),
    ...faults
      .filter(({ isSlowness }) => !isSlowness)
      .map((fault) => `  broken   ${at(fault)}  ${fault.what}`),
    ...(slow.length > 0
      ? [`  slow     ${slow.length} times around then: the machine had no time`]
      : []),
  ];
  return lines.join('\n');
}

function renderAsk({ asked, credential, outcome, scopes, detail }: Ask): string {
  const whom = asked.road === 'local' ? `verifier (${asked.policy}) of` : `${asked.road} at`;
  const what = scopes === undefined ? '' : `, scopes ${scopes.join(' ') || '(none)'}`;
  return `${credential} by ${whom} replica ${asked.replica}: ${outcome} (${detail})${what}`;
}

function renderTaking({ what, outcome, boundMs, effectiveAtMs, detail }: Taking): string {
  const bound = boundMs === undefined ? '' : ` bound ${boundMs} ms`;
  const later = effectiveAtMs === undefined ? '' : ' (after a grace)';
  return `${what}: ${outcome}${bound}${later} (${detail})`;
}

/** Everything that was taken from the credential, for whoever wonders. */
function takenBefore(ask: Ask, { credentials, takings }: History): Taking[] {
  const subjects = credentials.find(({ name }) => name === ask.credential)?.subjects ?? [];
  return takings.filter(({ from, startMs }) => subjects.includes(from) && startMs <= ask.endMs);
}

function isAround(fault: FaultWindow, moment: Interval): boolean {
  return fault.startMs <= moment.endMs + AROUND_MS && moment.startMs <= fault.endMs + AROUND_MS;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
