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
 * Whether another issuer's token is within its time.
 *
 * Rejects with `expired`, `not_yet_valid` (`nbf`, or `iat` in the future).
 * @param expiryLeewaySeconds how long after `exp` it still passes
 * @see RFC 7519 §4.1.4 to §4.1.6
 */
export function checkFederatedTimes(
  times: TokenTimes,
  nowSeconds: number,
  expiryLeewaySeconds: number,
): Accepted | Rejection {
  const ended = checkFederatedExpiry(times, nowSeconds, expiryLeewaySeconds);
  return ended.ok ? checkFederatedStart(times, nowSeconds) : ended;
}

/** `exp` is ahead of now, or behind it by less than the leeway. NaN lets nothing through. */
export function checkFederatedExpiry(
  { exp }: TokenTimes,
  nowSeconds: number,
  leewaySeconds: number,
): Accepted | Rejection {
  return nowSeconds - leewaySeconds < exp ? ACCEPTED : rejected('expired');
}

/** Neither `iat` nor `nbf` is ahead of now by more than the tolerance. NaN lets nothing through. */
export function checkFederatedStart(
  { iat, nbf }: TokenTimes,
  nowSeconds: number,
): Accepted | Rejection {
  const latestStart = nowSeconds + FEDERATED_CLOCK_TOLERANCE_SECONDS;
  const isTime = iat <= latestStart && (nbf === undefined || nbf <= latestStart);
  return isTime ? ACCEPTED : rejected('not_yet_valid');
}
