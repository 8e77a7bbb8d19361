import type { Organization } from '@countersign/contracts';
import type { OrganizationEntity } from '@countersign/persistence';

/** An organization as the admin API shows it. */
export function toOrganization(row: OrganizationEntity): Organization {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    metadata: row.metadata,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
