import type { EntityStatus, Metadata, PrincipalType } from '@countersign/contracts';
import type { PrincipalState } from '@countersign/core';
import { frozenList } from './frozen-list.js';

/** The principal's part of a row of the cold read. */
export interface PrincipalRow {
  readonly principal_id: string;
  readonly principal_type: PrincipalType;
  readonly principal_name: string;
  readonly external_id: string | null;
  readonly principal_status: EntityStatus;
  readonly principal_scopes: string[];
  readonly principal_metadata: Metadata;
  readonly organization_id: string | null;
  readonly organization_status: EntityStatus | null;
  readonly role_ids: string[] | null;
  readonly roles: string[] | null;
  readonly role_scopes: string[][] | null;
  readonly acts_for: string[] | null;
  readonly actor_ids: string[];
}

/** The principal in a row, as the core has it. */
export function principalStateOf(row: PrincipalRow): PrincipalState {
  return {
    principalId: row.principal_id,
    principalType: row.principal_type,
    principalName: row.principal_name,
    externalId: row.external_id,
    principalStatus: row.principal_status,
    principalMetadata: row.principal_metadata,
    organizationId: row.organization_id,
    organizationStatus: row.organization_status,
    roleIds: frozenList(row.role_ids),
    roles: frozenList(row.roles),
    grantedScopes: frozenList([
      ...new Set([...row.principal_scopes, ...(row.role_scopes ?? []).flat()]),
    ]),
    actsFor: frozenList(row.acts_for),
    actorIds: frozenList(row.actor_ids),
  };
}
