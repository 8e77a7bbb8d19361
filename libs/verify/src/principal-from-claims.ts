import {
  type AccessTokenClaims,
  type ActClaim,
  type Actor,
  ID_PREFIXES,
  type Principal,
} from '@countersign/contracts';
import { scopesOf } from './scopes-of.js';
import { sortedSet } from './sorted-set.js';
import type { VerifiedToken } from './verify-signature.js';

/**
 * The principal that an access token stands for. Promises the same principal, field for field, that
 * introspection of the token answers with.
 *
 * `audience` is the token's: the issuer alone when the token is restricted to no resource server.
 * `metadata` is the claims' own object, frozen when the claims were read by `verifySignature`.
 */
export function principalFromClaims(claims: AccessTokenClaims): Principal {
  const { aud, roles = [], scope } = claims;
  return principalWith(
    claims,
    [...scopesOf(scope)],
    [...sortedSet(roles)],
    typeof aud === 'string' ? [aud] : [...aud],
    claims.meta ?? {},
  );
}

const NO_ROLES: readonly string[] = Object.freeze([]);
const NO_METADATA: Principal['metadata'] = Object.freeze({});

/**
 * The same, frozen all the way down. It shares lists with the claims, which are frozen as well, and with
 * other tokens. Written out, since to look for what could be frozen takes longer than to freeze it.
 */
export function frozenPrincipalOf({ claims }: VerifiedToken): Principal {
  const { aud, roles = NO_ROLES, scope } = claims;
  const principal = principalWith(
    claims,
    scopesOf(scope),
    sortedSet(roles),
    typeof aud === 'string' ? Object.freeze([aud]) : aud,
    claims.meta ?? NO_METADATA,
  );
  Object.freeze(principal.credential.root);
  Object.freeze(principal.credential);
  for (let each = principal.actor; each !== null; each = each.actor) Object.freeze(each);
  return Object.freeze(principal);
}

/** The contract's lists are not readonly; nothing here changes them. */
function principalWith(
  claims: AccessTokenClaims,
  scopes: readonly string[],
  roles: readonly string[],
  audience: readonly string[],
  metadata: Principal['metadata'],
): Principal {
  return {
    subject: claims.sub,
    type: claims.principal_type,
    name: claims.name,
    organization: claims.org ?? null,
    scopes: scopes as string[],
    roles: roles as string[],
    audience: audience as string[],
    environment: claims.env,
    metadata,
    credential: {
      type: 'access_token',
      id: claims.jti,
      issuer: claims.iss,
      issued_at: claims.iat,
      expires_at: claims.exp,
      root: rootOf(claims.cid),
    },
    actor: actorFrom(claims.act),
  };
}

function actorFrom(act: ActClaim | undefined): Actor | null {
  return act === undefined ? null : { subject: act.sub, actor: actorFrom(act.act) };
}

/** `cid` names a key and its version, or a trusted issuer and an identity. */
function rootOf(cid: string): Principal['credential']['root'] {
  const dot = cid.indexOf('.');
  if (cid.startsWith(ID_PREFIXES.apiKey)) return { type: 'api_key', id: cid.slice(0, dot) };
  return { type: 'federated_identity', id: cid.slice(dot + 1) };
}
