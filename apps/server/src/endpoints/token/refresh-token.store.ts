import { timingSafeEqual } from 'node:crypto';
import type { GenuineRefreshToken } from '@countersign/core';
import { type ChangeTransaction, RefreshTokenEntity } from '@countersign/persistence';
import { revokeJti } from '../revoke/revoke-jti.js';

/** Whether a presented token is the newest of its family, and the family still good. */
export type RefreshTokenStanding = 'good' | 'ended' | 'reused';

/** The family, held until the transaction ends; null when there is none. */
export function lockRefreshTokens(
  tx: ChangeTransaction,
  { familyId }: GenuineRefreshToken,
): Promise<RefreshTokenEntity | null> {
  return tx.manager.findOne(RefreshTokenEntity, {
    where: { familyId },
    lock: { mode: 'pessimistic_write' },
  });
}

/** @see RFC 9700 §4.14.2: a token that was used before was copied, by whoever used it or by this one */
export function refreshTokenStanding(
  family: RefreshTokenEntity,
  presented: GenuineRefreshToken,
  now: Date,
): RefreshTokenStanding {
  if (family.revokedAt !== null) return 'ended';
  if (family.idleExpiresAt <= now || family.absoluteExpiresAt <= now) return 'ended';
  return timingSafeEqual(family.secretHash, presented.secretHash) ? 'good' : 'reused';
}

/**
 * Ends a family, and with it every access token that came of it, each of which names the family.
 * @see RFC 7009 §2.1, RFC 9700 §4.14.2
 */
export async function revokeRefreshTokens(
  tx: ChangeTransaction,
  family: RefreshTokenEntity,
  action: 'refresh_token.revoked' | 'refresh_token.reused',
  organizationId: string | null,
): Promise<void> {
  const { familyId, principalId, accessTokenJti, accessTokenExpiresAt, audience } = family;
  await tx.manager.update(
    RefreshTokenEntity,
    { familyId },
    { revokedAt: tx.now, revokedReason: action === 'refresh_token.reused' ? 'reuse' : 'revoked' },
  );
  if (accessTokenExpiresAt > tx.now) {
    await revokeJti(tx, {
      jti: familyId,
      expiresAt: accessTokenExpiresAt,
      audiences: audience,
      organizationId,
    });
  }
  tx.audit({
    action,
    resourceType: 'refresh_token',
    resourceId: familyId,
    organizationId,
    before: null,
    after: { family_id: familyId, principal_id: principalId, jti: accessTokenJti },
  });
}
