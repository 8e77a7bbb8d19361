import type { RevocationType } from '@countersign/contracts';
import type { Revocation } from '@countersign/core';

/** Columns of the table `revocations`, there called `revocation`, as `revocationOf` reads them. */
export const REVOCATION_COLUMNS = `
  revocation.position AS revocation_position, revocation.type, revocation.id, revocation.final,
  floor(extract(epoch FROM revocation.effective_at))::float8 AS effective_at,
  ceil(extract(epoch FROM revocation.expires_at))::float8 AS expires_at,
  revocation.audiences, revocation.organization_id`;

/** A row of `revocations`. Times are NumericDate. */
export interface RevocationRow {
  readonly revocation_position: string;
  readonly type: RevocationType;
  readonly id: string;
  readonly final: boolean;
  readonly effective_at: number | null;
  readonly expires_at: number;
  readonly audiences: string[] | null;
  readonly organization_id: string | null;
}

/** A revocation as the database has it. */
export function revocationOf(row: RevocationRow): Revocation {
  return {
    position: Number(row.revocation_position),
    type: row.type,
    id: row.id,
    final: row.final,
    effectiveAt: row.effective_at,
    expiresAt: row.expires_at,
    audiences: row.audiences,
    organizationId: row.organization_id,
  };
}
