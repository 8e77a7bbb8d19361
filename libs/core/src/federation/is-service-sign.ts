import type { ServiceSign } from '@countersign/contracts';
import { claimAt } from './claim-at.js';

/** Whether claims bear this sign of a client that acts for itself. Only strings are compared. */
export function isServiceSign(
  claims: Readonly<Record<string, unknown>>,
  sign: ServiceSign,
): boolean {
  const value = claimAt(claims, sign.claim);
  if ('is' in sign) return value === sign.is;
  const other = claimAt(claims, sign.same_as);
  return typeof other === 'string' && value === other + (sign.suffix ?? '');
}
