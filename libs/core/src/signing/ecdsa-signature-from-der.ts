const OCTETS = 32;
// SEQUENCE and its length, INTEGER: of at most 72 octets in all, so that each length is one octet.
const R_LENGTH_AT = 3;

/**
 * Writes an ECDSA signature over P-256 as a JWS has it, R and S as 32 octets each, from the DER that
 * OpenSSL makes. For what OpenSSL made only: what comes from outside is not read by this.
 * @see RFC 7518 §3.4, RFC 3279 §2.2.3
 */
export function ecdsaSignatureFromDer(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * OCTETS);
  const rEnd = R_LENGTH_AT + 1 + (der[R_LENGTH_AT] ?? 0);
  place(der.subarray(R_LENGTH_AT + 1, rEnd), signature, OCTETS);
  // After R come INTEGER and the length of S, which ends the signature.
  place(der.subarray(rEnd + 2), signature, 2 * OCTETS);
  return signature;
}

/** A number has a zero octet more where its first bit is set, and fewer octets where it is small. */
function place(number: Buffer, target: Buffer, end: number): void {
  const digits = number.length > OCTETS ? number.subarray(number.length - OCTETS) : number;
  digits.copy(target, end - digits.length);
}
