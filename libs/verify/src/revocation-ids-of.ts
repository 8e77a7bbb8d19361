import type { AccessTokenClaims, ActClaim, RevocationType } from '@countersign/contracts';

/** What an entry of the revocation feed may name. */
export interface RevocationId {
  readonly type: RevocationType;
  readonly id: string;
}

/**
 * All that an entry of the revocation feed may name to hit this token: its id and its key's, what it was
 * derived from, who it stands for and who acts. Without repeats.
 * @param kid of the key that the token's signature was verified under
 */
export function revocationIdsOf(claims: AccessTokenClaims, kid: string): readonly RevocationId[] {
  const ids: RevocationId[] = [
    { type: 'jti', id: claims.jti },
    { type: 'kid', id: kid },
  ];
  addParty(ids, claims.sub, claims.org, claims.cid);
  for (let act: ActClaim | undefined = claims.act; act !== undefined; act = act.act) {
    addParty(ids, act.sub, act.org, act.cid);
  }
  for (const role of claims.roles ?? []) add(ids, 'role', role);
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
  for (const audience of audiences) add(ids, 'audience', audience);
  return ids;
}

/** `cid` names two things that go separately: a key and its version, or an issuer and an identity. */
function addParty(ids: RevocationId[], sub: string, org: string | undefined, cid: string): void {
  add(ids, 'principal', sub);
  if (org !== undefined) add(ids, 'organization', org);
  add(ids, 'credential', cid);
  const parts = cid.split('.');
  if (parts.length > 1) for (const part of parts) add(ids, 'credential', part);
}

function add(ids: RevocationId[], type: RevocationType, id: string): void {
  if (!ids.some((known) => known.type === type && known.id === id)) ids.push({ type, id });
}
