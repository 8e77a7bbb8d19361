import { claimAt } from './claim-at.js';

/** Of several pointers, the claim of the first that leads to one; undefined when none does. */
export function firstClaimAt(
  claims: Readonly<Record<string, unknown>>,
  pointers: string | readonly string[],
): unknown {
  for (const pointer of [pointers].flat()) {
    const value = claimAt(claims, pointer);
    if (value !== undefined) return value;
  }
  return undefined;
}
