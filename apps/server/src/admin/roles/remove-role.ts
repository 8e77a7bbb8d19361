import { type ChangeTransaction, PrincipalRoleEntity, RoleEntity } from '@countersign/persistence';
import type { Caller } from '../../http/caller-authenticator.js';
import { ProblemException } from '../../http/problem.js';
import { lockRole } from './lock-role.js';
import { revokedByRoleChange } from './revoked-by-role-change.js';
import { toRole } from './to-role.js';

/** Deletes a role. @throws {ProblemException} `in_use` while a principal holds it */
export async function removeRole(tx: ChangeTransaction, caller: Caller, id: string): Promise<void> {
  const row = await lockRole(tx.manager, caller, id);
  if (await tx.manager.existsBy(PrincipalRoleEntity, { roleId: id })) {
    throw new ProblemException('in_use', 'Principals still hold the role.');
  }
  await tx.manager.delete(RoleEntity, { id });
  tx.audit({
    action: 'role.deleted',
    resourceType: 'role',
    resourceId: id,
    organizationId: null,
    before: toRole(row),
    after: null,
  });
  tx.changed('role', id);
  for (const revoked of revokedByRoleChange(row, null)) tx.revoked(revoked);
}
