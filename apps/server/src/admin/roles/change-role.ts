import type { PatchRole, Role } from '@countersign/contracts';
import { type ChangeTransaction, RoleEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { requireGrantable } from '../grants.js';
import { hasChanged } from '../has-changed.js';
import { newlyIn } from '../newly-in.js';
import { requireKnownScopes } from '../require-known-scopes.js';
import { sortedSet } from '../sorted-set.js';
import { updateRows } from '../store-row.js';
import { lockRole } from './lock-role.js';
import { revokedByRoleChange } from './revoked-by-role-change.js';
import { toRole } from './to-role.js';

/** Changes a role, and so what all who hold it may do. Scopes newly in it, the caller must hold. */
export async function changeRole(
  tx: ChangeTransaction,
  caller: Caller,
  id: string,
  patch: PatchRole,
): Promise<Role> {
  const row = await lockRole(tx.manager, caller, id);
  const before = toRole(row);
  const scopes = patch.scopes === undefined ? row.scopes : sortedSet(patch.scopes ?? []);
  requireKnownScopes(scopes);
  requireGrantable(caller, newlyIn(row.scopes, scopes));

  const grantsBefore = { name: row.name, scopes: row.scopes };
  row.scopes = scopes;
  row.description = patch.description === undefined ? row.description : patch.description;
  if (!hasChanged(before, toRole(row))) return before;
  row.updatedAt = tx.now;
  const { description, updatedAt } = row;
  await updateRows(tx.manager, RoleEntity, { id }, { description, scopes, updatedAt });
  const after = toRole(row);
  tx.audit({
    action: 'role.updated',
    resourceType: 'role',
    resourceId: id,
    organizationId: null,
    before,
    after,
  });
  tx.changed('role', id);
  for (const revoked of revokedByRoleChange(grantsBefore, row)) tx.revoked(revoked);
  return after;
}
