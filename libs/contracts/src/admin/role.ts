import { z } from 'zod';
import { identifier } from '../identifier.js';
import { instant } from '../instant.js';
import { scopeSet } from '../scope.js';
import { reason } from '../text.js';
import { pageOf, pageQuery } from './page.js';

/** Name of a role: a word that also survives in headers and claims. */
export const roleName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'must be letters, digits and . _ : - (at most 64)');

/** A named set of scopes. */
export const role = z
  .strictObject({
    id: identifier('role'),
    name: roleName,
    description: z.string().nullable(),
    scopes: z.array(z.string()),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Role' });

export const createRole = z
  .strictObject({ name: roleName, description: reason.nullable().optional(), scopes: scopeSet })
  .meta({ id: 'CreateRole' });

/** JSON merge patch. A role's name is fixed: it is in tokens already issued. @see RFC 7396 */
export const patchRole = z
  .strictObject({
    description: reason.nullable().optional(),
    scopes: scopeSet.nullable().optional(),
  })
  .meta({ id: 'PatchRole' });

export const listRoles = pageQuery.extend({ name: roleName.optional() });
export const rolePage = pageOf(role, 'RolePage');

export type Role = z.infer<typeof role>;
export type CreateRole = z.infer<typeof createRole>;
export type PatchRole = z.infer<typeof patchRole>;
export type ListRoles = z.infer<typeof listRoles>;
