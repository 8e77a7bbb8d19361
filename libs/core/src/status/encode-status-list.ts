import { deflateSync } from 'node:zlib';

/** Statuses that a list can tell of, as it has them. @see draft-ietf-oauth-status-list §7.1 */
export const TOKEN_STATUS = { valid: 0, invalid: 1, suspended: 2 } as const;

export type TokenStatus = (typeof TOKEN_STATUS)[keyof typeof TOKEN_STATUS];

/** A list as a Status List Token has it. @see draft-ietf-oauth-status-list §4.2 */
export interface EncodedStatusList {
  readonly bits: 1 | 2 | 4 | 8;
  readonly lst: string;
}

/**
 * Packs statuses into bytes from the least significant bit on, and compresses them (ZLIB, as far as
 * it goes).
 * @param statuses by index; what is missing is 0, valid
 * @param size how many the list has room for
 * @throws {RangeError} an index or a status does not fit
 * @see draft-ietf-oauth-status-list §4.1
 */
export function encodeStatusList(
  statuses: Iterable<readonly [index: number, status: number]>,
  size: number,
  bits: EncodedStatusList['bits'],
): EncodedStatusList {
  const perByte = 8 / bits;
  const bytes = Buffer.alloc(Math.ceil(size / perByte));
  for (const [index, status] of statuses) {
    if (index < 0 || index >= size || status < 0 || status >= 2 ** bits) {
      throw new RangeError(`status ${status} at ${index} does not fit`);
    }
    const at = Math.floor(index / perByte);
    const shift = (index % perByte) * bits;
    const others = (bytes[at] ?? 0) & ~((2 ** bits - 1) << shift);
    bytes[at] = others | (status << shift);
  }
  return { bits, lst: deflateSync(bytes, { level: 9 }).toString('base64url') };
}
