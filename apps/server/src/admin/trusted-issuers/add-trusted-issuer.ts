import type { CreateTrustedIssuer, TrustedIssuer } from '@countersign/contracts';
import { type ChangeTransaction, TrustedIssuerEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { requireGrantable } from '../grants.js';
import { newId } from '../new-id.js';
import type { TrustedIssuerPolicy } from '../ports.js';
import { requireUnlimited } from '../reach.js';
import { insertRow } from '../store-row.js';
import { requireCoherent } from './require-coherent.js';
import { resolveTrustedIssuer } from './resolve-trusted-issuer.js';
import { toTrustedIssuer } from './to-trusted-issuer.js';

/** Trusts an issuer. Its ceiling is what it may hand out, so the caller must hold all of it. */
export async function addTrustedIssuer(
  tx: ChangeTransaction,
  caller: Caller,
  body: CreateTrustedIssuer,
  policy: TrustedIssuerPolicy,
): Promise<Created<TrustedIssuer>> {
  const { manager, now } = tx;
  requireUnlimited(caller);
  requireGrantable(caller, body.scopes);
  const row: TrustedIssuerEntity = {
    id: newId('trustedIssuer', now),
    ...resolveTrustedIssuer(body),
    trustPosition: '0',
    createdAt: now,
    updatedAt: now,
  };
  await requireCoherent(manager, row, policy);
  await insertRow(manager, TrustedIssuerEntity, row);

  const after = toTrustedIssuer(row);
  tx.audit({
    action: 'trusted_issuer.created',
    resourceType: 'trusted_issuer',
    resourceId: row.id,
    organizationId: row.organizationId,
    before: null,
    after,
  });
  tx.changed('trusted_issuer', row.id);
  return new Created(`/v1/trusted-issuers/${row.id}`, after);
}
