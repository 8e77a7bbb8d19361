import { isDeepStrictEqual } from 'node:util';
import type { RootCredential } from '../state/root-credential.js';
import type { TokenSubject } from './token-subject.js';

/**
 * A new token bears the restrictions that the key has now. What a token bears itself may be narrower,
 * and so may the key of an actor; two that differ cannot be written as one.
 */
export function bearsCurrentRestrictions(subject: TokenSubject): boolean {
  if (subject.kind !== 'access_token') return true;
  const { restrictions } = subject.token.claims;
  return (
    (restrictions === undefined || isDeepStrictEqual(restrictions, subject.root.restrictions)) &&
    subject.actorRoots.every((actor) => addsNoRestrictions(actor, subject.root))
  );
}

/** Whether what is derived from `subject` bears all restrictions of an actor's key. */
export function addsNoRestrictions(actor: RootCredential, subject: RootCredential): boolean {
  return actor.restrictions === null || isDeepStrictEqual(actor.restrictions, subject.restrictions);
}
