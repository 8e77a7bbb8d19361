import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { PublicJwk } from '@countersign/contracts';
import { UnusableKey } from './unusable-key.js';

const RSA_MIN_EXPONENT = 65_537n;

/**
 * Imports a client's public key, whose form the schema `publicJwk` has checked.
 *
 * @throws {UnusableKey} when the numbers are no key: a point that is not on the curve, an RSA
 *   exponent that is even or below 65537
 * @see RFC 7518 §6, RFC 8037 §2
 */
export function importPublicJwk(jwk: PublicJwk): KeyObject {
  const key = createKey(jwk);
  const { publicExponent } = key.asymmetricKeyDetails ?? {};
  if (jwk.kty !== 'RSA') return key;
  if (publicExponent === undefined || publicExponent < RSA_MIN_EXPONENT) {
    throw new UnusableKey('public exponent is too small');
  }
  if (publicExponent % 2n === 0n) throw new UnusableKey('public exponent is even');
  return key;
}

function createKey(jwk: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: jwk as object as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    throw new UnusableKey('is not a valid public key', { cause });
  }
}
