import { cnfOf } from './cnf-of.js';
import type { KeyState } from '../state/key-state.js';
import { rootOf } from '../state/root-of.js';
import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';

/** What a token that is asked for is derived from, and by whom it is asked for. */
export interface TokenParties {
  readonly subject: VerifiedCredential | RootCredential;
  /** Who will act for the subject; absent: nobody new. */
  readonly actor?: VerifiedCredential | undefined;
  /** Who authenticated; undefined: nobody did. */
  readonly client: VerifiedCredential | undefined;
}

/**
 * Whether a token is bound to the certificate of who asks for it: because its client authenticates by
 * one or wants it so, or because what it is derived from, the actor's credential included, is good only
 * together with one.
 * @see RFC 8705 §3, §3.4
 */
export function needsCertificate({ subject, actor, client }: TokenParties): boolean {
  return (
    isGoodWithCertificate(subject) ||
    (actor !== undefined && isGoodWithCertificate(actor)) ||
    (client?.kind === 'api_key' && isBoundClient(client.state))
  );
}

function isGoodWithCertificate(credential: VerifiedCredential | RootCredential): boolean {
  if (cnfOf(credential)?.['x5t#S256'] !== undefined) return true;
  if (credential.kind === 'access_token' && credential.actorRoots.some(isBoundRoot)) return true;
  return isBoundRoot(rootOf(credential));
}

function isBoundRoot({ state }: RootCredential): boolean {
  if (state.kind !== 'api_key') return false;
  return isBoundClient(state) || state.certificateThumbprints.length > 0;
}

function isBoundClient({ authentication, certificateBoundAccessTokens }: KeyState): boolean {
  return (
    certificateBoundAccessTokens ||
    authentication?.method === 'tls_client_auth' ||
    authentication?.method === 'self_signed_tls_client_auth'
  );
}
