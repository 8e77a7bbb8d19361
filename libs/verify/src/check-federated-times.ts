import { ACCEPTED, type Accepted, type Rejection, rejected } from './rejection.js';

/** How far another issuer's clock may be ahead of ours. */
export const FEDERATED_CLOCK_TOLERANCE_SECONDS = 60;

/** NumericDate, which need not be whole. @see RFC 7519 §2 */
export interface TokenTimes {
  readonly iat: number;
  readonly nbf: number | undefined;
  readonly exp: number;
}

/**
 * Whether another issuer's token is within its time. Each comparison is put so that a clock which
 * returns NaN lets nothing through.
 *
 * Rejects with `expired`, `not_yet_valid` (`nbf`, or `iat` in the future).
 * @param expiryLeewaySeconds how long after `exp` it still passes
 * @see RFC 7519 §4.1.4 to §4.1.6
 */
export function checkFederatedTimes(
  { iat, nbf, exp }: TokenTimes,
  nowSeconds: number,
  expiryLeewaySeconds: number,
): Accepted | Rejection {
  if (!(nowSeconds - expiryLeewaySeconds < exp)) return rejected('expired');
  const latestStart = nowSeconds + FEDERATED_CLOCK_TOLERANCE_SECONDS;
  if (!(iat <= latestStart)) return rejected('not_yet_valid');
  if (nbf !== undefined && !(nbf <= latestStart)) return rejected('not_yet_valid');
  return ACCEPTED;
}
