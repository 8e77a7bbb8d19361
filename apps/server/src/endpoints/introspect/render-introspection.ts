import type {
  ActMember,
  Actor,
  Confirmation,
  IntrospectionResponse,
  Restrictions,
} from '@countersign/contracts';
import { rootOf, type VerifiedCredential } from '@countersign/core';
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
  const { state, clientId } = rootOf(credential);
  const { issued_at, expires_at, issuer } = principal.credential;
  const { nbf, jti, cnf } = claimsOf(credential);
  const { actor } = principal;
  return {
    active: true,
    scope: principal.scopes.join(' '),
    client_id: clientId,
    username: state.externalId ?? principal.name,
    token_type: tokenType(credential.kind, cnf),
    ...(expires_at !== null && { exp: expires_at }),
    iat: issued_at,
    ...(nbf !== undefined && { nbf: Math.floor(nbf) }),
    sub: principal.subject,
    ...(principal.audience.length > 0 && { aud: audienceMember(principal.audience) }),
    iss: issuer,
    ...(jti !== undefined && { jti }),
    ...(actor !== null && { act: actMemberOf(actor) }),
    ...(cnf !== undefined && { cnf }),
    restrictions: restrictionsOf(credential),
    principal,
  };
}

/** All that count, those of a token and those that its key has now, and its actors' keys; each once. */
function restrictionsOf(credential: VerifiedCredential): Restrictions[] {
  const all = [rootOf(credential).restrictions];
  if (credential.kind === 'access_token') {
    all.push(credential.token.claims.restrictions ?? null);
    all.push(...credential.actorRoots.map(({ restrictions }) => restrictions));
  }
  const present = all.filter((restrictions) => restrictions !== null);
  return [...new Map(present.map((each) => [JSON.stringify(each), each])).values()];
}

/** @see RFC 8693 §4.1, §7.3 */
function actMemberOf({ subject, actor }: Actor): ActMember {
  return { sub: subject, ...(actor !== null && { act: actMemberOf(actor) }) };
}

/** What only tokens have. */
function claimsOf(credential: VerifiedCredential): {
  readonly nbf?: number | undefined;
  readonly jti?: string | undefined;
  readonly cnf?: Confirmation | undefined;
} {
  switch (credential.kind) {
    case 'api_key':
      return {};
    case 'access_token':
      return credential.token.claims;
    case 'federated_token':
      return credential.token;
  }
}

/** @see RFC 6749 §7.1, RFC 9449 §6.2 */
function tokenType(
  kind: VerifiedCredential['kind'],
  cnf: Confirmation | undefined,
): 'api_key' | 'Bearer' | 'DPoP' {
  if (kind === 'api_key') return 'api_key';
  return cnf?.jkt === undefined ? 'Bearer' : 'DPoP';
}

/** One audience is a string, as in the token itself. @see RFC 7519 §4.1.3 */
function audienceMember(audience: string[]): string | string[] {
  const [only, ...more] = audience;
  return only !== undefined && more.length === 0 ? only : audience;
}
