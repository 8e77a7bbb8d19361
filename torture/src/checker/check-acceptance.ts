import type { IssuedCredential } from '../history/credential.js';
import type { Ask, Taking } from '../history/operation.js';
import { bindsFromMs, honours, isAcknowledged, mayHoldFromMs, type Promises } from './promises.js';
import type { Clause, Violation } from './violation.js';

/**
 * What is wrong with an acceptance, if anything is.
 * @param takings those that hit the credential
 */
export function checkAcceptance(
  ask: Ask,
  credential: IssuedCredential,
  takings: readonly Taking[],
  promises: Promises,
): Violation[] {
  const taking = takings.find(
    (each) => honours(ask.scopes, each) && isTooLate(ask, each, promises),
  );
  if (taking !== undefined) return [{ clause: clauseOf(ask, taking), ask, taking }];
  if (hasExpired(ask, credential, promises)) return [{ clause: 'accepted-after-expiry', ask }];
  return lacksScopes(ask, credential, takings, promises) ? [{ clause: 'scopes-missing', ask }] : [];
}

function isTooLate(ask: Ask, taking: Taking, promises: Promises): boolean {
  const { asked } = ask;
  if (ask.final)
    return isAcknowledged(taking) && ask.startMs > (taking.effectiveAtMs ?? 0) + lag(promises);
  if (asked.road !== 'local') return ask.startMs > bindsFromMs(taking);
  if (asked.policy === 'continue') return false;
  const roundingMs = taking.effectiveAtMs === undefined ? 0 : promises.clockSlackMs;
  return ask.startMs > bindsFromMs(taking) + promises.verifierStalenessMs + roundingMs;
}

/** When even a local verifier has heard of everything. */
function lag({ verifierStalenessMs, clockSlackMs }: Promises): number {
  return verifierStalenessMs + clockSlackMs;
}

function clauseOf({ asked, final }: Ask, taking: Taking): Clause {
  if (final && bindsFromMs(taking) === Infinity) return 'taking-lost';
  if (final && taking.outcome === 'unconfirmed') return 'taking-lost';
  return asked.road === 'local' ? 'accepted-by-verifier' : 'accepted-by-replica';
}

function hasExpired(
  { startMs }: Ask,
  { expiresAtMs }: IssuedCredential,
  { clockSlackMs }: Promises,
): boolean {
  return expiresAtMs !== null && startMs > expiresAtMs + clockSlackMs;
}

function lacksScopes(
  { scopes, endMs }: Ask,
  credential: IssuedCredential,
  takings: readonly Taking[],
  promises: Promises,
): boolean {
  if (scopes === undefined) return false;
  const begun = takings.filter((taking) => mayHoldFromMs(taking, promises) <= endMs);
  const due = credential.scopes.filter((scope) => !begun.some((each) => honours([scope], each)));
  return due.some((scope) => !scopes.includes(scope));
}
