import type { KeyState } from '../state/key-state.js';
import { rootOf } from '../state/root-of.js';
import type { RootCredential } from '../state/root-credential.js';
import type { VerifiedCredential } from '../state/verified-credential.js';

/**
 * Whether a token is bound to the certificate of who asks for it: because its client authenticates by
 * one or wants it so, or because what it is derived from is good only together with one.
 * @param client who authenticated; undefined: nobody did
 * @see RFC 8705 §3, §3.4
 */
export function needsCertificate(
  subject: VerifiedCredential | RootCredential,
  client: VerifiedCredential | undefined,
): boolean {
  if (subject.kind === 'access_token' && subject.token.claims.cnf?.['x5t#S256'] !== undefined) {
    return true;
  }
  const { state } = rootOf(subject);
  return (
    (client?.kind === 'api_key' && isBoundClient(client.state)) ||
    (state.kind === 'api_key' && (isBoundClient(state) || state.certificateThumbprints.length > 0))
  );
}

function isBoundClient({ authentication, certificateBoundAccessTokens }: KeyState): boolean {
  return (
    certificateBoundAccessTokens ||
    authentication?.method === 'tls_client_auth' ||
    authentication?.method === 'self_signed_tls_client_auth'
  );
}
