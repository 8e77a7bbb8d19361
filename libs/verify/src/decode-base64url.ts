/**
 * Decodes base64url without padding, in its one canonical spelling. Returns null for anything else:
 * other characters (`+`, `/`, `=`, white space), a length that no octets encode to, or spare bits
 * in the last character that are not zero.
 *
 * Node's decoder skips what is outside of the alphabet, so that fewer octets come out than the
 * length promises; but it takes `+` and `/` too, and reads U+0144 as the `D` (U+0044) that its low
 * byte is: those are looked for. (A regular expression over the text costs three times as much.)
 *
 * @see RFC 7515 §2 (Base64url Encoding), RFC 4648 §3.5 (Canonical Encoding)
 */
export function decodeBase64url(text: string): Buffer | null {
  return isAscii(text) ? decodeLatin1Base64url(text) : null;
}

/** The same of a text that is known to have no character beyond U+00FF. */
export function decodeLatin1Base64url(text: string): Buffer | null {
  if (!isSpeltCanonically(text)) return null;
  const octets = Buffer.from(text, 'base64url');
  return octets.length === octetsOf(text) ? octets : null;
}

/**
 * The same, to where there is a place for it: makes nothing.
 * @param place at least as long as the text
 * @returns how many octets there are
 */
export function writeLatin1Base64url(text: string, place: Buffer): number | null {
  if (!isSpeltCanonically(text)) return null;
  const written = place.write(text, 'base64url');
  return written === octetsOf(text) ? written : null;
}

function octetsOf(text: string): number {
  return Math.floor((text.length * 3) / 4);
}

function isSpeltCanonically(text: string): boolean {
  return !text.includes('+') && !text.includes('/') && endsCanonically(text);
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** By length modulo 4: 2 and 3 leave four and two spare bits, and 1 does not make an octet. */
function endsCanonically(text: string): boolean {
  switch (text.length % 4) {
    case 0:
      return true;
    case 2:
      return 'AQgw'.includes(text.charAt(text.length - 1));
    case 3:
      return 'AEIMQUYcgkosw048'.includes(text.charAt(text.length - 1));
    default:
      return false;
  }
}
