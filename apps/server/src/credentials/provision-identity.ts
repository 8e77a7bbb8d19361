import type { MappedSubject, ResolveIdentity, TrustedIssuerPolicy } from '@countersign/core';
import {
  type AuditActor,
  type ChangeTransaction,
  FederatedIdentityEntity,
  ForeignKeyViolation,
  OrganizationEntity,
  PrincipalEntity,
  runChangeTransaction,
  TrustedIssuerEntity,
  UniqueViolation,
  withDatabaseFailures,
} from '@countersign/persistence';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { toFederatedIdentity } from '../admin/federated-identities/to-federated-identity.js';
import { newId } from '../admin/new-id.js';
import { toPrincipal } from '../admin/principals/to-principal.js';
import { insertRow } from '../admin/store-row.js';

const THE_SERVICE: AuditActor = {
  principalId: null,
  credentialType: null,
  credentialId: null,
  sourceIp: null,
  userAgent: null,
  requestId: null,
};

const KEY_SHARE = { mode: 'for_key_share' } as const;

type Provisioning = TrustedIssuerPolicy['provisioning'];

/**
 * Finds the identity of a subject, or makes it at its first token: linked to the principal that has
 * its external id in the issuer's organization, or with a principal created for it. Two replicas that
 * see the first token at once make one.
 */
export function createProvisionIdentity(dataSource: DataSource): ResolveIdentity {
  return async (subject, provisioning) => {
    const known = await withDatabaseFailures(() => findIdentity(dataSource.manager, subject));
    return known ?? (await provision(dataSource, subject, provisioning));
  };
}

async function provision(
  dataSource: DataSource,
  subject: MappedSubject,
  provisioning: Provisioning,
): Promise<string | null> {
  // No transaction for a subject that nobody was linked to, however often it comes.
  const hopeless =
    provisioning === 'link' &&
    (await withDatabaseFailures(() => principalToLink(dataSource.manager, subject))) === null;
  if (hopeless) return null;
  try {
    const { result } = await runChangeTransaction(dataSource, THE_SERVICE, (tx) =>
      makeIdentity(tx, subject, provisioning),
    );
    return result;
  } catch (error) {
    // Another request was first; or what it would have hung on has just been deleted.
    if (!(error instanceof UniqueViolation || error instanceof ForeignKeyViolation)) throw error;
    return withDatabaseFailures(() => findIdentity(dataSource.manager, subject));
  }
}

async function findIdentity(
  manager: EntityManager,
  { trustedIssuerId, organizationId, subject }: MappedSubject,
): Promise<string | null> {
  const where = { trustedIssuerId, organizationId: organizationId ?? IsNull(), subject };
  const row = await manager.findOne(FederatedIdentityEntity, { select: { id: true }, where });
  return row?.id ?? null;
}

async function makeIdentity(
  tx: ChangeTransaction,
  subject: MappedSubject,
  provisioning: Provisioning,
): Promise<string | null> {
  if (!(await holdFast(tx.manager, subject))) return null;
  const linked =
    provisioning === 'create' ? null : await principalToLink(tx.manager, subject, KEY_SHARE);
  if (linked === null && provisioning === 'link') return null;
  const row: FederatedIdentityEntity = {
    id: newId('federatedIdentity', tx.now),
    trustedIssuerId: subject.trustedIssuerId,
    organizationId: subject.organizationId,
    subject: subject.subject,
    principalId: linked ?? (await createPrincipal(tx, subject)),
    origin: linked === null ? 'created' : 'linked',
    status: 'active',
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  await insertRow(tx.manager, FederatedIdentityEntity, row);
  tx.audit({
    action: 'federated_identity.created',
    resourceType: 'federated_identity',
    resourceId: row.id,
    organizationId: row.organizationId,
    before: null,
    after: toFederatedIdentity(row),
  });
  tx.changed('federated_identity', row.id);
  return row.id;
}

/** Keeps the issuer and the organization from being deleted meanwhile; false: one is gone or off. */
async function holdFast(
  manager: EntityManager,
  { trustedIssuerId, organizationId }: MappedSubject,
): Promise<boolean> {
  const lock = KEY_SHARE;
  const issuer = await manager.findOne(TrustedIssuerEntity, {
    where: { id: trustedIssuerId },
    lock,
  });
  if (issuer?.status !== 'active') return false;
  if (organizationId === null) return true;
  const where = { id: organizationId };
  return (await manager.findOne(OrganizationEntity, { where, lock })) !== null;
}

async function principalToLink(
  manager: EntityManager,
  { externalId, organizationId }: MappedSubject,
  lock?: typeof KEY_SHARE,
): Promise<string | null> {
  const found = await manager.findOne(PrincipalEntity, {
    select: { id: true },
    where: { externalId, organizationId: organizationId ?? IsNull() },
    ...(lock && { lock }),
  });
  return found?.id ?? null;
}

/** Without scopes of its own: what it holds is what its issuer may give, at each use. */
async function createPrincipal(tx: ChangeTransaction, subject: MappedSubject): Promise<string> {
  const row: PrincipalEntity = {
    id: newId('principal', tx.now),
    type: subject.type,
    name: subject.name,
    organizationId: subject.organizationId,
    externalId: null,
    scopes: [],
    actorIds: [],
    metadata: subject.metadata,
    status: 'active',
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  await insertRow(tx.manager, PrincipalEntity, row);
  tx.audit({
    action: 'principal.created',
    resourceType: 'principal',
    resourceId: row.id,
    organizationId: row.organizationId,
    before: null,
    after: toPrincipal(row, []),
  });
  return row.id;
}
