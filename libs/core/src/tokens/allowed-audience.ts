import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { TokenSubject } from './token-subject.js';

/**
 * The audiences that a token may have: those that both subject and actor are good for.
 * @param actor undefined: nobody acts
 * @returns empty: any; null: there is none
 */
export function allowedAudience(
  subject: TokenSubject,
  actor: VerifiedCredential | undefined,
  issuer: string,
): readonly string[] | null {
  const own = audienceRestriction(subject, issuer);
  const actors = actor === undefined ? [] : audienceRestriction(actor, issuer);
  if (own.length === 0 || actors.length === 0) return own.length === 0 ? actors : own;
  const common = own.filter((audience) => actors.includes(audience));
  return common.length === 0 ? null : common;
}

/** A token for the issuer alone is not restricted to any audience: it says where it came from. */
function audienceRestriction(subject: TokenSubject, issuer: string): readonly string[] {
  const { audiences } = subject;
  if (isRoot(subject)) return audiences;
  return audiences.every((audience) => audience === issuer) ? subject.root.audiences : audiences;
}

function isRoot(subject: TokenSubject): subject is RootCredential {
  return subject.kind === 'api_key' || subject.kind === 'federated_identity';
}
