import type { RootCredential } from '../state/root-credential.js';
import { rootStanding } from './root-standing.js';

/**
 * Whether `actor` may act for `subject` now: the subject's principal names the actor's, what the actor
 * authenticated by is in good standing, and both are of one environment.
 * @param nowMs milliseconds since the epoch
 */
export function mayAct(actor: RootCredential, subject: RootCredential, nowMs: number): boolean {
  return (
    subject.state.actorIds.includes(actor.state.principalId) &&
    subject.state.environment === actor.state.environment &&
    rootStanding(actor.state, nowMs).ok
  );
}
