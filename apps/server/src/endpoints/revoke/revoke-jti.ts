import { REVOCATION_MARGIN_SECONDS } from '@countersign/core';
import { type ChangeTransaction, RevocationEntity } from '@countersign/persistence';
import { MoreThanOrEqual } from 'typeorm';

/** A token, by what the log of revocations has to know of it. */
export interface TokenToRevoke {
  readonly jti: string;
  readonly expiresAt: Date;
  /** Where it is good; none: it may be anywhere. */
  readonly audiences: readonly string[];
  readonly organizationId: string | null;
}

/**
 * Revokes one token, until it would have expired.
 * @returns whether it was not revoked for as long already
 */
export async function revokeJti(
  tx: ChangeTransaction,
  { jti, expiresAt, audiences, organizationId }: TokenToRevoke,
): Promise<boolean> {
  // Whoever else revokes it meanwhile comes to know of it by waiting here.
  await tx.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [jti]);
  // An issuer may use an id again, for a token that lives longer than what is revoked by it.
  const coveredUntil = MoreThanOrEqual(
    new Date(expiresAt.getTime() + REVOCATION_MARGIN_SECONDS * 1000),
  );
  const covering = { type: 'jti', id: jti, expiresAt: coveredUntil } as const;
  if (await tx.manager.existsBy(RevocationEntity, covering)) return false;
  const where = audiences.length === 0 ? undefined : audiences;
  tx.revoked({ type: 'jti', id: jti, final: true, audiences: where, organizationId }, expiresAt);
  return true;
}
