import { ACT_CHAIN_MAX, type ActClaim } from '@countersign/contracts';
import { mayAct } from '../authenticate/may-act.js';
import { rootOf } from '../state/root-of.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { addsNoRestrictions, bearsCurrentRestrictions } from './bears-current-restrictions.js';
import type { TokenSubject } from './token-subject.js';

/**
 * Why a verified credential may not act for a subject; undefined: it may. What is asked again at each
 * use of the token is asked here too, so that no token is issued that is good for nothing.
 * @param act the claim that the token would bear
 * @param nowMs milliseconds since the epoch
 * @see RFC 8693 §2.2.2
 */
export function refuseActor(
  subject: TokenSubject,
  actor: VerifiedCredential,
  act: ActClaim | undefined,
  nowMs: number,
): string | undefined {
  if (actor.kind === 'access_token' && actor.token.claims.act !== undefined) {
    return 'actor_token is delegated itself: an actor acts by its own credential';
  }
  const [subjectRoot, actorRoot] = [rootOf(subject), rootOf(actor)];
  if (!mayAct(actorRoot, subjectRoot, nowMs)) return 'the actor may not act for the subject';
  if (!bearsCurrentRestrictions(actor) || !addsNoRestrictions(actorRoot, subjectRoot)) {
    return "the token could not bear the restrictions of the actor's key";
  }
  if (actorsIn(act) > ACT_CHAIN_MAX) return 'too many have acted for the subject already';
  return undefined;
}

function actorsIn(act: ActClaim | undefined): number {
  return act === undefined ? 0 : 1 + actorsIn(act.act);
}
