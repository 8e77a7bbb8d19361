import type { History } from '../history/history.js';
import type { Ask } from '../history/operation.js';
import { checkAcceptance } from './check-acceptance.js';
import { checkAvailability, checkConfirmation } from './check-availability.js';
import { checkRejection } from './check-rejection.js';
import { hits, type Promises } from './promises.js';
import type { Violation } from './violation.js';

/**
 * Everything in a history that contradicts the promises:
 *
 * Once a revocation is confirmed, no replica accepts the credential in answer to a request that began
 * after the confirmation; no local verifier accepts it later than a second after it, unless it is told
 * to continue; no valid credential is turned away except by 503 during a fault; no acknowledged change
 * is lost.
 */
export function checkHistory(history: History, promises: Promises): Violation[] {
  const credentials = new Map(history.credentials.map((each) => [each.name, each]));
  const takings = new Map(
    history.credentials.map((each) => [
      each.name,
      history.takings.filter((taking) => hits(taking, each)),
    ]),
  );
  const checkAsk = (ask: Ask): Violation[] => {
    if (ask.outcome === 'unavailable') return checkAvailability(ask, history.faults, promises);
    const credential = credentials.get(ask.credential);
    if (credential === undefined) throw new Error(`nobody issued ${ask.credential}`);
    const check = ask.outcome === 'accepted' ? checkAcceptance : checkRejection;
    return check(ask, credential, takings.get(ask.credential) ?? [], promises);
  };
  return [
    ...history.asks.flatMap(checkAsk),
    ...history.takings.flatMap((taking) => checkConfirmation(taking, history.faults, promises)),
  ];
}
