import type { AccessTokenClaims, ActClaim, RevocationType } from '@countersign/contracts';

/** What an entry of the revocation feed may name. */
export interface RevocationId {
  readonly type: RevocationType;
  readonly id: string;
}

/**
 * All that an entry of the revocation feed may name to hit this token: its id, its key's and those of what it
 * came of, its credentials, who it stands for and who acts. Without repeats.
 * @param kid of the key that the token's signature was verified under
 */
export function revocationIdsOf(claims: AccessTokenClaims, kid: string): readonly RevocationId[] {
  const ids: RevocationId[] = [];
  eachRevocationId(claims, kid, (type, id) => {
    if (!ids.some((known) => known.type === type && known.id === id)) ids.push({ type, id });
  });
  return ids;
}

/** How much there is of each type of which something may be held. */
export type HeldOfTypes = Readonly<Record<RevocationType, { readonly size: number }>>;

/**
 * The same one by one, and perhaps one twice, without a list.
 * @param held nothing is visited of a type of which there is nothing; of most there mostly is not
 */
export function eachRevocationId(
  claims: AccessTokenClaims,
  kid: string,
  visit: (type: RevocationType, id: string) => void,
  held?: HeldOfTypes,
): void {
  const { aud, derived_from, roles } = claims;
  visit('jti', claims.jti);
  if (derived_from !== undefined) {
    if (held?.jti.size !== 0) visitAll('jti', derived_from, visit);
    if (held?.kid.size !== 0) visitAll('kid', derived_from, visit);
  }
  visit('kid', kid);
  const isPartyHeld =
    held === undefined || held.principal.size + held.organization.size + held.credential.size > 0;
  if (isPartyHeld) {
    visitParty(claims.sub, claims.org, claims.cid, visit);
    for (let act: ActClaim | undefined = claims.act; act !== undefined; act = act.act) {
      visitParty(act.sub, act.org, act.cid, visit);
    }
  }
  if (roles !== undefined && held?.role.size !== 0) visitAll('role', roles, visit);
  if (held?.audience.size === 0) return;
  if (typeof aud === 'string') visit('audience', aud);
  else visitAll('audience', aud, visit);
}

/** By index: an iterator over a frozen list is an object for each of its values. */
function visitAll(
  type: RevocationType,
  ids: readonly string[],
  visit: (type: RevocationType, id: string) => void,
): void {
  for (let index = 0; index < ids.length; index += 1) visit(type, ids[index] ?? '');
}

/** `cid` names two things that go separately: a key and its version, or an issuer and an identity. */
function visitParty(
  sub: string,
  org: string | undefined,
  cid: string,
  visit: (type: RevocationType, id: string) => void,
): void {
  visit('principal', sub);
  if (org !== undefined) visit('organization', org);
  visit('credential', cid);
  const dot = cid.indexOf('.');
  if (dot === -1) return;
  visit('credential', cid.slice(0, dot));
  visit('credential', cid.slice(dot + 1));
}
