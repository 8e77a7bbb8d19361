import { type ActClaim, actClaim } from '@countersign/contracts';

/** Reads a value that JSON.parse returned as the claim `act`, frozen all the way down; null when it is none. */
export function readActClaim(value: unknown): ActClaim | null {
  const read = actClaim.safeParse(value);
  if (!read.success) return null;
  for (let claim: ActClaim | undefined = read.data; claim !== undefined; claim = claim.act) {
    Object.freeze(claim);
  }
  return read.data;
}
