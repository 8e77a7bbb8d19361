import type { TrustedIssuer } from '@countersign/contracts';
import type { TrustedIssuerEntity } from '@countersign/persistence';
import { sortedSet } from '../sorted-set.js';

/** A trusted issuer as the admin API shows it. */
export function toTrustedIssuer(row: TrustedIssuerEntity): TrustedIssuer {
  return {
    id: row.id,
    issuer: row.issuer,
    preset: row.preset,
    name: row.name,
    jwks: row.jwks,
    jwks_uri: row.jwksUri,
    discovery: row.discovery,
    algorithms: row.algorithms,
    audience_claim: row.audienceClaim,
    audiences: sortedSet(row.audiences),
    target_audiences: row.targetAudiences && sortedSet(row.targetAudiences),
    scopes: sortedSet(row.scopes),
    mapping: row.mapping,
    provisioning: row.provisioning,
    organization_id: row.organizationId,
    environment: row.environment,
    status: row.status,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
