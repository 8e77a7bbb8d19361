import type { Confirmation, RejectionCode } from '@countersign/contracts';
import { checkBinding } from '@countersign/verify';
import { cnfOf } from '../binding/cnf-of.js';
import { UNBOUND } from '../binding/request-binding.js';
import { rootOf } from '../state/root-of.js';
import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { DecisionContext } from './decision-context.js';

/**
 * Why a credential is not good in the hands of who presents it; undefined: it is. A bound token is good
 * only for who holds its keys, and so is a key that is bound to certificates.
 * @see RFC 9449 §7.1, RFC 8705 §3
 */
export function bindingFailure(
  credential: VerifiedCredential | RootCredential,
  context: DecisionContext,
): RejectionCode | undefined {
  const { binding: proven, certificateThumbprint } = context;
  const cnf = cnfOf(credential);
  if (isUsedInPlaceOfBound(credential, context)) return 'binding_unproven';
  if (!hasCertificateOfKey(credential, cnf, context)) return 'binding_unproven';
  if (cnf?.['x5t#S256'] === undefined || proven === 'unchecked') {
    return codeOf(cnf, proven);
  }
  const { scheme, jkt } = proven ?? UNBOUND;
  return codeOf(cnf, { scheme, jkt, 'x5t#S256': certificateThumbprint });
}

/**
 * What a gateway hands to its upstream in place of a bound credential says what the end client has
 * proven to the gateway, and is bound to nothing, since the upstream has no such keys. It is there to be
 * asked about: used here or exchanged, it would be a way out of the binding.
 */
function isUsedInPlaceOfBound(
  credential: VerifiedCredential | RootCredential,
  { purpose, isPresentedElsewhere = false }: DecisionContext,
): boolean {
  if (credential.kind !== 'access_token') return false;
  if (credential.token.claims.proven_cnf === undefined) return false;
  return !isPresentedElsewhere && purpose !== 'revocation';
}

/**
 * What is derived from a key that is bound to certificates is bound to one of them, and says so, or
 * says which one a gateway has seen. An actor's key counts like the subject's.
 */
function hasCertificateOfKey(
  credential: VerifiedCredential | RootCredential,
  cnf: Confirmation | undefined,
  { certificateThumbprint, purpose }: DecisionContext,
): boolean {
  // Whoever found a key does well to revoke it.
  if (purpose === 'revocation') return true;
  if (credential.kind !== 'access_token') {
    return isForCertificate(rootOf(credential), certificateThumbprint);
  }
  const { token, root, actorRoots } = credential;
  const bound = (cnf ?? token.claims.proven_cnf)?.['x5t#S256'];
  return isForCertificate(root, bound) && actorRoots.every((one) => isForCertificate(one, bound));
}

/** @param thumbprint undefined: there is no certificate */
function isForCertificate({ state }: RootCredential, thumbprint: string | undefined): boolean {
  if (state.kind !== 'api_key' || state.certificateThumbprints.length === 0) return true;
  return thumbprint !== undefined && state.certificateThumbprints.includes(thumbprint);
}

function codeOf(
  cnf: Confirmation | undefined,
  proven: Parameters<typeof checkBinding>[1],
): RejectionCode | undefined {
  const checked = checkBinding(cnf, proven);
  return checked.ok ? undefined : checked.code;
}
