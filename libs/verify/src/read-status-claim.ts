import { type StatusClaim, statusClaim } from '@countersign/contracts';

/**
 * Reads a value that JSON.parse returned as the claim `status`, frozen; null when it is none. Nothing is
 * decided by it here: who follows the feed of revocations knows more than a status list says.
 */
export function readStatusClaim(value: unknown): StatusClaim | null {
  const read = statusClaim.safeParse(value);
  if (!read.success) return null;
  Object.freeze(read.data.status_list);
  return Object.freeze(read.data);
}
