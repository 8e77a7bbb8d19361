const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 32;

/**
 * Writes an ECDSA signature over P-256 as a JWS has it (R and S, 32 octets each) in DER, where each number
 * has its shortest form. Says nothing about whether the numbers are in range: that is OpenSSL's to tell.
 *
 * @param signature 64 octets
 * @see RFC 7518 §3.4, RFC 3279 §2.2.3
 */
export function ecdsaSignatureToDer(signature: Uint8Array): Uint8Array {
  const rStart = firstOctet(signature, 0);
  const sStart = firstOctet(signature, OCTETS);
  const rOctets = integerOctets(signature, rStart, OCTETS);
  const sOctets = integerOctets(signature, sStart, 2 * OCTETS);
  // 70 octets at most, so that each length is one octet.
  const der = new Uint8Array(6 + rOctets + sOctets);
  der[0] = SEQUENCE;
  der[1] = 4 + rOctets + sOctets;
  der[2] = INTEGER;
  der[3] = rOctets;
  // Where a number has an octet more than its digits, that is a zero, which is there already.
  copy(signature, rStart, OCTETS, der, 4 + rOctets);
  der[4 + rOctets] = INTEGER;
  der[5 + rOctets] = sOctets;
  copy(signature, sStart, 2 * OCTETS, der, der.length);
  return der;
}

/** Where a number begins without its leading zeros; one octet of it always remains. */
function firstOctet(signature: Uint8Array, start: number): number {
  const last = start + OCTETS - 1;
  let at = start;
  while (at < last && signature[at] === 0) at += 1;
  return at;
}

/** Positive: a first bit that is set needs a zero octet before it. */
function integerOctets(signature: Uint8Array, start: number, end: number): number {
  return end - start + ((signature[start] ?? 0) >> 7);
}

/** Octets `start` to `end`, so that the last is before `targetEnd`. */
function copy(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetEnd: number,
): void {
  const offset = targetEnd - end;
  for (let at = start; at < end; at += 1) target[at + offset] = source[at] ?? 0;
}
