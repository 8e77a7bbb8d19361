import type { UnavailableReason, UnknownCredential } from './verify-result.js';

/** That nothing can be said, and why. */
export function unavailable(reason: UnavailableReason, retryAfterSeconds = 1): UnknownCredential {
  return { ok: false, status: 503, code: 'unavailable', reason, retryAfterSeconds };
}
