import { type ChangeTransaction, RevokedTokenEntity } from '@countersign/persistence';

/**
 * Puts a `jti` among the revoked ones, until its token would have expired.
 * @returns whether it was not there already
 */
export async function revokeJti(
  tx: ChangeTransaction,
  jti: string,
  expiresAt: Date,
): Promise<boolean> {
  const inserted = await tx.manager
    .createQueryBuilder()
    .insert()
    .into(RevokedTokenEntity)
    .values({ jti, expiresAt, revokedAt: tx.now })
    .orIgnore()
    .returning('jti')
    .execute();
  const rows: unknown = inserted.raw;
  if (!Array.isArray(rows) || rows.length === 0) return false;
  tx.changed('revoked_token', jti, expiresAt);
  return true;
}
