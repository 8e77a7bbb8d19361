import type { IntrospectionResponse } from '@countersign/contracts';
import type { VerifiedCredential } from '@countersign/core';
import { toAsciiJson } from '../../data-plane/answer-ascii-json.js';

/** The whole of what is said about a credential that is not active. @see RFC 7662 §2.2 */
export const INACTIVE_BODY = '{"active":false}';

/**
 * The JSON of an answer about an active credential. It depends on nothing but the credential's
 * state, so it is made once for each state.
 */
export function renderIntrospection(credential: VerifiedCredential): string {
  credential.introspectionBody ??= toAsciiJson(introspectionOf(credential));
  return credential.introspectionBody;
}

/** @see RFC 7662 §2.2 */
function introspectionOf(credential: VerifiedCredential): IntrospectionResponse {
  const { principal } = credential;
  const { state } = credential.kind === 'api_key' ? credential : credential.root;
  const { issued_at, expires_at, issuer } = principal.credential;
  const isToken = credential.kind === 'access_token';
  const cnf = isToken ? credential.token.claims.cnf : undefined;
  return {
    active: true,
    scope: principal.scopes.join(' '),
    client_id: state.keyId,
    username: state.externalId ?? principal.name,
    token_type: tokenType(credential),
    ...(expires_at !== null && { exp: expires_at }),
    iat: issued_at,
    ...(isToken &&
      credential.token.claims.nbf !== undefined && { nbf: credential.token.claims.nbf }),
    sub: principal.subject,
    ...(principal.audience.length > 0 && { aud: audienceMember(principal.audience) }),
    iss: issuer,
    ...(isToken && { jti: credential.token.claims.jti }),
    ...(cnf !== undefined && { cnf }),
    principal,
  };
}

/** @see RFC 6749 §7.1, RFC 9449 §6.2 */
function tokenType(credential: VerifiedCredential): 'api_key' | 'Bearer' | 'DPoP' {
  if (credential.kind === 'api_key') return 'api_key';
  return credential.token.claims.cnf === undefined ? 'Bearer' : 'DPoP';
}

/** One audience is a string, as in the token itself. @see RFC 7519 §4.1.3 */
function audienceMember(audience: string[]): string | string[] {
  const [only, ...more] = audience;
  return only !== undefined && more.length === 0 ? only : audience;
}
