import type { X509Certificate } from 'node:crypto';
import type { TlsClientAuth } from '@countersign/contracts';
import { isIpAllowed } from '@countersign/verify';
import { certificateContent } from './certificate-content.js';
import { canonicalName, canonicalSubject } from './distinguished-name.js';

/**
 * Whether a certificate's subject is the registered one: the distinguished name, or one of the
 * alternative names of the registered kind. Nothing stands for anything else: no wildcards.
 * @see RFC 8705 §2.1.2
 */
export function matchesSubject(certificate: X509Certificate, registered: TlsClientAuth): boolean {
  const content = certificateContent(certificate);
  const {
    tls_client_auth_subject_dn: distinguishedName,
    tls_client_auth_san_dns: dns,
    tls_client_auth_san_uri: uri,
    tls_client_auth_san_ip: ip,
    tls_client_auth_san_email: email,
  } = registered;
  if (distinguishedName !== undefined) {
    const name = canonicalName(distinguishedName);
    return name !== undefined && name === canonicalSubject(content);
  }
  return content.subjectAltNames.some((name) => {
    // RFC 4343 §3: the case of a host's name is no difference; of the others it is.
    if (dns !== undefined) return name.dNSName?.toLowerCase() === dns.toLowerCase();
    if (uri !== undefined) return name.uniformResourceIdentifier === uri;
    if (ip !== undefined) return isIpAllowed([ip], name.iPAddress);
    return email !== undefined && name.rfc822Name === email;
  });
}
