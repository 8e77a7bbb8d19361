import type { FederatedIdentity } from '@countersign/contracts';
import type { FederatedIdentityEntity } from '@countersign/persistence';

/** A federated identity as the admin API shows it. */
export function toFederatedIdentity(row: FederatedIdentityEntity): FederatedIdentity {
  return {
    id: row.id,
    trusted_issuer_id: row.trustedIssuerId,
    subject: row.subject,
    principal_id: row.principalId,
    organization_id: row.organizationId,
    origin: row.origin,
    status: row.status,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
