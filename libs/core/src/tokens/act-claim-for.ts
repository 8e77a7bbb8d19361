import type { ActClaim } from '@countersign/contracts';
import { rootOf } from '../state/root-of.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { TokenSubject } from './token-subject.js';

/**
 * The claim `act` of a token that is derived from `subject`: the actors that it names already, and
 * around them the new one. Who acts already is not named twice.
 * @param actor undefined: nobody new acts
 * @see RFC 8693 §4.1
 */
export function actClaimFor(
  subject: TokenSubject,
  actor: VerifiedCredential | undefined,
): ActClaim | undefined {
  const earlier = subject.kind === 'access_token' ? subject.token.claims.act : undefined;
  if (actor === undefined) return earlier;
  const { cid } = rootOf(actor);
  if (cid === earlier?.cid) return earlier;
  const { subject: sub, organization } = actor.principal;
  return {
    sub,
    ...(organization !== null && { org: organization }),
    cid,
    ...(earlier !== undefined && { act: earlier }),
  };
}
