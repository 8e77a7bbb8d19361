import { verify } from 'node:crypto';
import { ecdsaSignatureToDer } from './ecdsa-signature-to-der.js';
import type { VerificationKey } from './import-verification-key.js';
import { TOKEN_MAX_CHARS } from './parse-compact-jws.js';

// Node copies what it verifies before it returns, so that one place serves for all of it.
const scratch = Buffer.allocUnsafeSlow(TOKEN_MAX_CHARS);

/**
 * Whether `signature` is this key's over `signingInput` (ASCII), by the algorithm that the key is
 * bound to. Synchronous: handing the work to a thread costs more than the work.
 * A signature of the wrong length is turned away before any cryptography.
 * @see RFC 7518 §3.3, §3.4 (R and S, 32 octets each, not DER), RFC 8037 §3.1
 */
export function isSignatureValid(
  { alg, key, signatureOctets }: VerificationKey,
  signingInput: string,
  signature: Uint8Array,
): boolean {
  if (signature.length !== signatureOctets) return false;
  const octets = octetsOf(signingInput);
  switch (alg) {
    case 'RS256':
      return verify('sha256', octets, key, signature);
    case 'ES256':
      // With `dsaEncoding` a key has to be given in an object, and then takes Node half as long again.
      return verify('sha256', octets, key, ecdsaSignatureToDer(signature));
    case 'Ed25519':
      return verify(null, octets, key, signature);
  }
}

/** Good until it is called again. */
function octetsOf(text: string): Uint8Array {
  if (text.length > scratch.length) return Buffer.from(text, 'latin1');
  return scratch.subarray(0, scratch.write(text, 'latin1'));
}
