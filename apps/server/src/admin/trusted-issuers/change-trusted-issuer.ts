import type { PatchTrustedIssuer, TrustedIssuer } from '@countersign/contracts';
import { type ChangeTransaction, TrustedIssuerEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { requireGrantable } from '../grants.js';
import { hasChanged } from '../has-changed.js';
import { newlyIn } from '../newly-in.js';
import type { TrustedIssuerPolicy } from '../ports.js';
import { sortedSet } from '../sorted-set.js';
import { updateRows } from '../store-row.js';
import { isWordTakenBack } from './is-word-taken-back.js';
import { lockTrustedIssuer } from './lock-trusted-issuer.js';
import { requireCoherent } from './require-coherent.js';
import { revokedByTrustChange } from './revoked-by-trust-change.js';
import { toTrustedIssuer } from './to-trusted-issuer.js';

/** Changes how far an issuer is trusted; at once for tokens that are in use. */
export async function changeTrustedIssuer(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  patch: PatchTrustedIssuer,
  policy: TrustedIssuerPolicy,
): Promise<TrustedIssuer> {
  const row = await lockTrustedIssuer(tx.manager, caller, id);
  const before = toTrustedIssuer(row);
  const change = changeOf(row, patch);
  requireGrantable(caller, newlyGiven(row, patch, change.scopes));
  const { organizationId, provisioning } = row;
  const revoked = revokedByTrustChange(row, { id, organizationId, ...change });
  const takesBack = isWordTakenBack(row, change);
  Object.assign(row, change);
  const after = toTrustedIssuer(row);
  if (!hasChanged(before, after)) return before;

  // To be trusted no more, an issuer need not be one that would be trusted today.
  if (!isDisabledAlone(patch)) await requireCoherent(tx.manager, row, policy);
  row.updatedAt = tx.now;
  await updateRows(tx.manager, TrustedIssuerEntity, { id }, { ...change, updatedAt: tx.now });
  const stored = toTrustedIssuer(row);
  tx.audit({
    action: 'trusted_issuer.updated',
    resourceType: 'trusted_issuer',
    resourceId: id,
    organizationId: row.organizationId,
    before,
    after: stored,
  });
  tx.changed('trusted_issuer', id);
  for (const each of revoked) tx.revoked(each);
  if (takesBack) {
    tx.atPosition((position) => {
      const trustPosition = String(position);
      return updateRows(tx.manager, TrustedIssuerEntity, { id }, { trustPosition });
    });
  }
  // For subjects that have no identity yet, and so no token.
  if (row.provisioning !== provisioning && row.provisioning !== 'link_or_create') tx.narrowed();
  return stored;
}

function isDisabledAlone({ status, ...others }: PatchTrustedIssuer): boolean {
  return status === 'disabled' && Object.keys(others).length === 0;
}

/**
 * What the change gives away: scopes that are new in the ceiling; all of it, when somebody else may
 * come to it, since whoever chooses the keys or the claims can be anybody there.
 */
function newlyGiven(
  row: TrustedIssuerEntity,
  { name: _name, scopes: _scopes, status, ...trust }: PatchTrustedIssuer,
  ceiling: readonly string[],
): readonly string[] {
  const opens = status === 'active' || Object.keys(trust).length > 0;
  return opens ? ceiling : newlyIn(row.scopes, ceiling);
}

function changeOf(row: TrustedIssuerEntity, patch: PatchTrustedIssuer) {
  const { target_audiences: targets } = patch;
  return {
    name: patch.name ?? row.name,
    jwks: patch.jwks === undefined ? row.jwks : patch.jwks,
    jwksUri: patch.jwks_uri === undefined ? row.jwksUri : patch.jwks_uri,
    discovery: patch.discovery ?? row.discovery,
    algorithms: patch.algorithms ?? row.algorithms,
    audienceClaim: patch.audience_claim ?? row.audienceClaim,
    audiences: patch.audiences === undefined ? row.audiences : sortedSet(patch.audiences),
    targetAudiences: targets === undefined ? row.targetAudiences : targets && sortedSet(targets),
    scopes: patch.scopes === undefined ? row.scopes : sortedSet(patch.scopes),
    mapping: patch.mapping ?? row.mapping,
    provisioning: patch.provisioning ?? row.provisioning,
    status: patch.status ?? row.status,
  };
}
