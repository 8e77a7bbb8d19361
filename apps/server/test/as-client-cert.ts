import type { TestCertificate } from '../../../test/certificate-authority.js';

/** How a proxy tells of the certificate that its client has shown. @see RFC 9440 §2.2 */
export function asClientCert({ x509 }: TestCertificate): { 'client-cert': string } {
  return { 'client-cert': `:${x509.raw.toString('base64')}:` };
}
