import { MalformedCertificate } from '@countersign/core';

const BLOCK = '-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----';
const BLOCKS = new RegExp(`^(?:${BLOCK}\\s*)+$`);

/**
 * The certificates in a percent-encoded PEM text, one or more, in its order.
 * @throws {MalformedCertificate} it is something else
 */
export function escapedPem(text: string): string[] {
  const pem = percentDecoded(text);
  if (!BLOCKS.test(pem)) throw new MalformedCertificate('it is no percent-encoded PEM');
  return pem.match(new RegExp(BLOCK, 'g')) ?? [];
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MalformedCertificate('it is not percent-encoded');
  }
}
