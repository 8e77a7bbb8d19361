import type { ApiKeyStatus } from '@countersign/contracts';
import type { ApiKeyEntity } from '@countersign/persistence';

/** The status that a key is shown with: `expired` is not stored, and only `revoked` outranks it. */
export function keyStatus(
  { status, expiresAt }: Pick<ApiKeyEntity, 'status' | 'expiresAt'>,
  now: Date,
): ApiKeyStatus {
  const isExpired = expiresAt !== null && expiresAt <= now;
  return isExpired && status !== 'revoked' ? 'expired' : status;
}
