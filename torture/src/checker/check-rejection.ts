import type { IssuedCredential } from '../history/credential.js';
import type { Ask, Taking } from '../history/operation.js';
import { bindsFromMs, mayHoldFromMs, type Promises } from './promises.js';
import type { Violation } from './violation.js';

/**
 * What is wrong with a credential's having been turned away, if anything is.
 * @param takings those that hit the credential
 */
export function checkRejection(
  ask: Ask,
  credential: IssuedCredential,
  takings: readonly Taking[],
  promises: Promises,
): Violation[] {
  const expires = credential.expiresAtMs ?? Infinity;
  if (ask.endMs >= expires - promises.clockSlackMs) return [];
  const begun = takings.filter((taking) => mayHoldFromMs(taking, promises) <= ask.endMs);
  if (begun.some(({ scopes }) => scopes === 'all')) return [];
  if (cannotTell(ask) && begun.some((taking) => credential.startMs <= bindsFromMs(taking)))
    return [];
  return [{ clause: ask.final ? 'creation-lost' : 'turned-away', ask }];
}

/** Such a verifier turns away a token that lost some of its scopes since it was issued. */
function cannotTell({ asked }: Ask): boolean {
  return asked.road === 'local' && asked.policy !== 'introspect';
}
