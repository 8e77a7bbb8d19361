import type { Metadata, PatchPrincipal, PrincipalResource } from '@countersign/contracts';
import {
  ApiKeyEntity,
  type ChangeTransaction,
  PrincipalEntity,
  PrincipalRoleEntity,
  type RoleEntity,
} from '@countersign/persistence';
import { type EntityManager, In, Not } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { requireGrantable } from '../grants.js';
import { hasChanged } from '../has-changed.js';
import { mergeMetadata } from '../merge-metadata.js';
import { newlyIn } from '../newly-in.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { requireOverlayFits } from '../require-overlay-fits.js';
import { sortedSet } from '../sorted-set.js';
import { updateRows } from '../store-row.js';
import { grantsOf } from './grants-of.js';
import { lockPrincipal } from './lock-principal.js';
import { requireActors } from './require-actors.js';
import { requireRoles } from './require-roles.js';
import { revokedByPrincipalChange } from './revoked-by-principal-change.js';
import { rolesOf } from './roles-of.js';
import { toPrincipal } from './to-principal.js';

/** Changes a principal. What it is newly granted, the caller must hold. */
export async function changePrincipal(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  patch: PatchPrincipal,
): Promise<PrincipalResource> {
  const { manager, now } = tx;
  const row = await lockPrincipal(manager, caller, id, 'pessimistic_write');
  const rolesBefore = await rolesOf(manager, id);
  const before = toPrincipal(row, rolesBefore);
  const roles =
    patch.roles === undefined ? rolesBefore : await requireRoles(manager, patch.roles ?? []);
  const scopes = patch.scopes === undefined ? row.scopes : (patch.scopes ?? []);
  requireKnownScopes(scopes);
  const actorIds = patch.actor_ids === undefined ? row.actorIds : (patch.actor_ids ?? []);
  await requireActors(manager, caller, actorIds, newlyIn(row.actorIds, actorIds));
  requireGrantable(caller, newlyGranted(row, rolesBefore, scopes, roles));

  const grantsBefore = grantsOf(row, rolesBefore);
  row.name = patch.name ?? row.name;
  row.externalId = patch.external_id === undefined ? row.externalId : patch.external_id;
  row.scopes = sortedSet(scopes);
  row.actorIds = sortedSet(actorIds);
  row.metadata = mergeMetadata(row.metadata, patch.metadata);
  if (patch.metadata) await requireFitsEveryKey(manager, id, row.metadata);
  row.status = patch.status ?? row.status;
  if (!hasChanged(before, toPrincipal(row, roles))) return before;

  row.updatedAt = now;
  const { name, externalId, metadata, status, updatedAt } = row;
  const grants = { scopes: row.scopes, actorIds: row.actorIds };
  const change = { name, externalId, ...grants, metadata, status, updatedAt };
  await updateRows(manager, PrincipalEntity, { id }, change);
  await replaceRoles(manager, id, rolesBefore, roles);

  const after = toPrincipal(row, roles);
  tx.audit({
    action: 'principal.updated',
    resourceType: 'principal',
    resourceId: id,
    organizationId: row.organizationId,
    before,
    after,
  });
  tx.changed('principal', id);
  for (const revoked of revokedByPrincipalChange(grantsBefore, grantsOf(row, roles))) {
    tx.revoked(revoked);
  }
  return after;
}

function newlyGranted(
  row: PrincipalEntity,
  rolesBefore: readonly RoleEntity[],
  scopes: readonly string[],
  roles: readonly RoleEntity[],
): string[] {
  const held = new Set(rolesBefore.map((role) => role.id));
  const newRoles = roles.filter((role) => !held.has(role.id));
  return [...newlyIn(row.scopes, scopes), ...newRoles.flatMap((role) => role.scopes)];
}

async function requireFitsEveryKey(
  manager: EntityManager,
  principalId: string,
  metadata: Metadata,
): Promise<void> {
  const keys = await manager.findBy(ApiKeyEntity, { principalId, status: Not('revoked') });
  for (const key of keys) requireOverlayFits(metadata, key.metadata);
}

async function replaceRoles(
  manager: EntityManager,
  principalId: string,
  before: readonly RoleEntity[],
  after: readonly RoleEntity[],
): Promise<void> {
  const idsBefore = before.map((role) => role.id);
  const idsAfter = after.map((role) => role.id);
  const dropped = newlyIn(idsAfter, idsBefore);
  const added = newlyIn(idsBefore, idsAfter);
  await manager.delete(PrincipalRoleEntity, { principalId, roleId: In(dropped) });
  await manager.insert(
    PrincipalRoleEntity,
    added.map((roleId) => ({ principalId, roleId })),
  );
}
