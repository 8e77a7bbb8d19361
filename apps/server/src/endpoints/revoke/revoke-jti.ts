import { type ChangeTransaction, RevocationEntity } from '@countersign/persistence';

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
 * @returns whether it was not revoked already
 */
export async function revokeJti(
  tx: ChangeTransaction,
  { jti, expiresAt, audiences, organizationId }: TokenToRevoke,
): Promise<boolean> {
  // Whoever else revokes it meanwhile comes to know of it by waiting here.
  await tx.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [jti]);
  if (await tx.manager.existsBy(RevocationEntity, { type: 'jti', id: jti })) return false;
  const where = audiences.length === 0 ? undefined : audiences;
  tx.revoked({ type: 'jti', id: jti, final: true, audiences: where, organizationId }, expiresAt);
  return true;
}
