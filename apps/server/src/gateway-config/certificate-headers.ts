/**
 * The headers that tell of a certificate. From an end client they are lies, so that every configuration
 * takes them away.
 * @see RFC 9440 §4
 */
export const CERTIFICATE_HEADERS = [
  'Client-Cert',
  'Client-Cert-Chain',
  'X-SSL-Client-Cert',
  'X-Forwarded-Client-Cert',
] as const;

export type CertificateHeader = (typeof CERTIFICATE_HEADERS)[number];

/** What must hold at Countersign where a gateway tells of certificates; the text of a comment. */
export function certificateCondition(header: CertificateHeader): string {
  return `Countersign must read what this one says of certificates: COUNTERSIGN_CLIENT_CERT_HEADER=${header.toLowerCase()}.`;
}
