import {
  type ClaimMapping,
  externalId,
  label,
  METADATA_MAX_BYTES,
  type Metadata,
  metadata,
  metadataBytes,
  type PrincipalType,
} from '@countersign/contracts';
import { claimAt } from './claim-at.js';
import { firstClaimAt } from './first-claim-at.js';
import { isServiceSign } from './is-service-sign.js';
import type { TrustedIssuerPolicy } from './trusted-issuer-policy.js';

// The audit trail takes nothing that looks like the hash of a secret.
const LIKE_A_SECRET = /^\$argon2/;

type Claims = Readonly<Record<string, unknown>>;

/** Whom a trusted issuer's token is about, in our words. */
export interface MappedSubject {
  readonly trustedIssuerId: string;
  readonly subject: string;
  /** The external id of the principal to link. */
  readonly externalId: string;
  readonly organizationId: string | null;
  /** What a principal gets that is created for it. */
  readonly type: PrincipalType;
  readonly name: string;
  readonly metadata: Metadata;
}

/**
 * Reads whom claims are about, by the issuer's mapping. null when they do not say it as the mapping
 * wants it: no subject, or one with control characters or of more than 255; an organization that is
 * not mapped; metadata of more than 1 KiB. A name that cannot be one is replaced by the subject.
 */
export function mapSubject(claims: Claims, policy: TrustedIssuerPolicy): MappedSubject | null {
  const { mapping } = policy;
  const subject = textAt(claims, mapping.subject);
  const external = mapping.external_id ? textAt(claims, mapping.external_id) : subject;
  const organizationId = organizationOf(claims, policy);
  const picked = metadataOf(claims, mapping.metadata);
  if (subject === null || external === null || organizationId === undefined) return null;
  if (picked === null) return null;
  return {
    trustedIssuerId: policy.id,
    subject,
    externalId: external,
    organizationId,
    type: typeOf(claims, mapping.type),
    name: nameOf(claims, mapping.name) ?? subject.slice(0, 200),
    metadata: picked,
  };
}

function textAt(claims: Claims, pointers: ClaimMapping['subject']): string | null {
  const read = externalId.safeParse(firstClaimAt(claims, pointers));
  return read.success && !LIKE_A_SECRET.test(read.data) ? read.data : null;
}

/** undefined: it has one that is not mapped, or none where one must be. */
function organizationOf(
  claims: Claims,
  { mapping: { organization }, organizationId }: TrustedIssuerPolicy,
): string | null | undefined {
  if (organization === undefined) return organizationId;
  const value = claimAt(claims, organization.claim);
  if (typeof value !== 'string' || !Object.hasOwn(organization.map, value)) return undefined;
  return organization.map[value];
}

function typeOf(claims: Claims, type: ClaimMapping['type']): PrincipalType {
  if (typeof type === 'string') return type;
  if ('service_when' in type) {
    return type.service_when.some((sign) => isServiceSign(claims, sign)) ? 'service' : 'user';
  }
  const value = claimAt(claims, type.claim);
  const mapped =
    typeof value === 'string' && Object.hasOwn(type.map, value) ? type.map[value] : undefined;
  return mapped ?? type.default;
}

function nameOf(claims: Claims, pointers: ClaimMapping['name']): string | null {
  if (pointers === undefined) return null;
  const read = label.safeParse(firstClaimAt(claims, pointers));
  return read.success && !LIKE_A_SECRET.test(read.data) ? read.data : null;
}

function metadataOf(claims: Claims, mapping: ClaimMapping['metadata'] = {}): Metadata | null {
  const picked = Object.entries(mapping)
    .map(([name, pointer]) => [name, claimAt(claims, pointer)] as const)
    .filter(([, value]) => value !== undefined);
  const members = Object.fromEntries(picked);
  // First: claims may be nested so deeply that the schema would not come back.
  if (metadataBytes(members) > METADATA_MAX_BYTES) return null;
  const read = metadata.safeParse(members);
  return read.success ? read.data : null;
}
