import { toDate } from '@countersign/contracts';
import { validationFailed } from '../../http/problem.js';

/**
 * When a key shall expire; null: never.
 * @throws {ProblemException} `validation_failed` for the past: a key is ended by revoking it
 */
export function requireFuture(expiresAt: string | number | null, now: Date): Date | null {
  if (expiresAt === null) return null;
  const date = toDate(expiresAt);
  if (date > now) return date;
  throw validationFailed([{ field: 'expires_at', message: 'must be in the future' }]);
}
