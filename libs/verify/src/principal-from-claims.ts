import {
  type AccessTokenClaims,
  type ActClaim,
  type Actor,
  ID_PREFIXES,
  type Principal,
} from '@countersign/contracts';

/**
 * The principal that an access token stands for. Promises the same principal, field for field, that
 * introspection of the token answers with.
 *
 * `audience` is the token's: the issuer alone when the token is restricted to no resource server.
 * `metadata` is the claims' own object, frozen when the claims were read by `verifySignature`.
 */
export function principalFromClaims(claims: AccessTokenClaims): Principal {
  return {
    subject: claims.sub,
    type: claims.principal_type,
    name: claims.name,
    organization: claims.org ?? null,
    scopes: claims.scope === undefined ? [] : [...scopesOf(claims.scope)],
    roles: sortedSet(claims.roles),
    audience: typeof claims.aud === 'string' ? [claims.aud] : [...claims.aud],
    environment: claims.env,
    metadata: claims.meta ?? {},
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

const REMEMBERED_MAX = 256;

/** Scopes by their text; all tokens of one key have the same, and to take a text apart is slow. */
const known = new Map<string, readonly string[]>();

function scopesOf(text: string): readonly string[] {
  return known.get(text) ?? readAndRemember(text);
}

function readAndRemember(text: string): readonly string[] {
  const scopes = sortedSet(text.split(' '));
  // Dropping all at once keeps this bounded without a cost for each hit.
  if (known.size >= REMEMBERED_MAX) known.clear();
  known.set(text, scopes);
  return scopes;
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

/** Without repeats and empty strings, sorted by code unit; mostly the issuer did that already. */
function sortedSet(values: readonly string[] = []): string[] {
  if (isSortedSet(values)) return [...values];
  // `sort` without a comparator compares code units.
  return [...new Set(values)].filter((value) => value !== '').sort();
}

function isSortedSet(values: readonly string[]): boolean {
  let previous = '';
  for (const value of values) {
    if (value <= previous) return false;
    previous = value;
  }
  return true;
}
