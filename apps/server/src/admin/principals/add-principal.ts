import type { CreatePrincipal, PrincipalResource } from '@countersign/contracts';
import {
  type ChangeTransaction,
  PrincipalEntity,
  PrincipalRoleEntity,
} from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { requireGrantable } from '../grants.js';
import { newId } from '../new-id.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { sortedSet } from '../sorted-set.js';
import { insertRow } from '../store-row.js';
import { organizationFor } from './organization-for.js';
import { requireActors } from './require-actors.js';
import { requireRoles } from './require-roles.js';
import { toPrincipal } from './to-principal.js';

/** Creates a principal and grants it scopes and roles that the caller holds itself. */
export async function addPrincipal(
  tx: ChangeTransaction,
  caller: Caller,
  body: CreatePrincipal,
): Promise<Created<PrincipalResource>> {
  requireKnownScopes(body.scopes);
  const organizationId = await organizationFor(tx.manager, caller, body.organization_id);
  const roles = await requireRoles(tx.manager, body.roles);
  await requireActors(tx.manager, caller, body.actor_ids, body.actor_ids);
  requireGrantable(caller, [...body.scopes, ...roles.flatMap(({ scopes }) => scopes)]);

  const row: PrincipalEntity = {
    id: newId('principal', tx.now),
    type: body.type,
    name: body.name,
    organizationId,
    externalId: body.external_id ?? null,
    scopes: sortedSet(body.scopes),
    actorIds: sortedSet(body.actor_ids),
    metadata: body.metadata,
    status: 'active',
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  await insertRow(tx.manager, PrincipalEntity, row);
  const held = roles.map((role) => ({ principalId: row.id, roleId: role.id }));
  await tx.manager.insert(PrincipalRoleEntity, held);

  const after = toPrincipal(row, roles);
  tx.audit({
    action: 'principal.created',
    resourceType: 'principal',
    resourceId: row.id,
    organizationId,
    before: null,
    after,
  });
  return new Created(`/v1/principals/${row.id}`, after);
}
