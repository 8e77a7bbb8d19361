import type { SigningKey } from '@countersign/contracts';
import { activatableAt, removableAt } from '@countersign/core';
import type { SigningKeyEntity } from '@countersign/persistence';
import type { SigningKeyPolicy } from '../ports.js';

/** A signing key as the admin API shows it: its public part, and what may happen to it when. */
export function toSigningKey(row: SigningKeyEntity, policy: SigningKeyPolicy): SigningKey {
  return {
    kid: row.kid,
    alg: row.alg,
    status: row.status,
    public_jwk: row.publicJwk,
    created_at: row.createdAt.toISOString(),
    activated_at: row.activatedAt?.toISOString() ?? null,
    retired_at: row.retiredAt?.toISOString() ?? null,
    removed_at: row.removedAt?.toISOString() ?? null,
    compromised_at: row.compromisedAt?.toISOString() ?? null,
    compromised_reason: row.compromisedReason,
    activatable_at: activatableAt(row, policy.jwksMaxAgeSeconds)?.toISOString() ?? null,
    removable_at: removableAt(row)?.toISOString() ?? null,
  };
}
