import type { X509Certificate } from 'node:crypto';

/** Whether it is good at a time, both ends included. @see RFC 5280 §4.1.2.5 */
export function isWithinValidity(
  { validFromDate, validToDate }: Pick<X509Certificate, 'validFromDate' | 'validToDate'>,
  nowMs: number,
): boolean {
  return validFromDate.getTime() <= nowMs && nowMs < validToDate.getTime() + 1000;
}
