import type { RevocationEntry } from '@countersign/contracts';
import type { Revocation } from '@countersign/core';

/** An entry as verifiers read it. Whose affair it is, and which audiences it concerns, stays here. */
export function toRevocationEntry(revocation: Revocation): RevocationEntry {
  const { position, type, id, final, effectiveAt, expiresAt } = revocation;
  return {
    position,
    type,
    id,
    final,
    ...(effectiveAt !== null && { effective_at: effectiveAt }),
    expires_at: expiresAt,
  };
}
