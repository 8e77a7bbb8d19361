import type { CreateRole, Role } from '@countersign/contracts';
import { type ChangeTransaction, RoleEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { Created } from '../../http/created.js';
import { requireGrantable } from '../grants.js';
import { newId } from '../new-id.js';
import { requireUnlimited } from '../reach.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { sortedSet } from '../sorted-set.js';
import { insertRow } from '../store-row.js';
import { toRole } from './to-role.js';

/** Creates a role, of scopes that the caller holds itself. */
export async function addRole(
  tx: ChangeTransaction,
  caller: Caller,
  body: CreateRole,
): Promise<Created<Role>> {
  requireUnlimited(caller);
  requireKnownScopes(body.scopes);
  requireGrantable(caller, body.scopes);
  const row: RoleEntity = {
    id: newId('role', tx.now),
    name: body.name,
    description: body.description ?? null,
    scopes: sortedSet(body.scopes),
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  await insertRow(tx.manager, RoleEntity, row);
  const after = toRole(row);
  tx.audit({
    action: 'role.created',
    resourceType: 'role',
    resourceId: row.id,
    organizationId: null,
    before: null,
    after,
  });
  return new Created(`/v1/roles/${row.id}`, after);
}
