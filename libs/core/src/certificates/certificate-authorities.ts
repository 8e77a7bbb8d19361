import type { X509Certificate } from 'node:crypto';
import { type CertificateContent, certificateContent } from './certificate-content.js';
import { isWithinValidity } from './is-within-validity.js';
import type { ClientCertificate } from './client-certificate.js';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
const RSA_MIN_BITS = 2048;
/** Signatures over MD2, MD5 and SHA-1, which can be forged. */
const BROKEN_ALGORITHMS: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
]);

/** The authorities that are trusted to say who a client is. */
export class CertificateAuthorities {
  /** @param anchors also such as are not self-signed; empty: nobody is trusted */
  constructor(private readonly anchors: readonly X509Certificate[]) {}

  /**
   * Whether a path of certificates, all of them good now, leads from one of the authorities to the
   * client's. Names are not looked at, and revocation lists are not asked for.
   * @see RFC 5280 §6.1
   */
  vouchFor({ leaf, intermediates }: ClientCertificate, nowMs: number): boolean {
    try {
      const content = certificateContent(leaf);
      if (!content.maySign || !isUsable(leaf, content, nowMs)) return false;
      return this.#leadTo(leaf, intermediates, 0, nowMs);
    } catch {
      // One of those that came from outside is not as RFC 5280 has it.
      return false;
    }
  }

  /** @param authoritiesBelow how many of them are between `certificate` and the client's */
  #leadTo(
    certificate: X509Certificate,
    others: readonly X509Certificate[],
    authoritiesBelow: number,
    nowMs: number,
  ): boolean {
    const hasIssued = (issuer: X509Certificate) =>
      isAuthority(issuer, authoritiesBelow, nowMs) && isIssuedBy(certificate, issuer);
    return (
      this.anchors.some(hasIssued) ||
      others.some(
        (issuer) =>
          hasIssued(issuer) &&
          this.#leadTo(
            issuer,
            others.filter((other) => other !== issuer),
            authoritiesBelow + 1,
            nowMs,
          ),
      )
    );
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  // The first compares names and key usage alone; the second is the signature.
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isAuthority(
  certificate: X509Certificate,
  authoritiesBelow: number,
  nowMs: number,
): boolean {
  if (!certificate.ca) return false;
  const content = certificateContent(certificate);
  return content.pathLength >= authoritiesBelow && isUsable(certificate, content, nowMs);
}

/** What holds of every certificate in a path. */
function isUsable(
  certificate: X509Certificate,
  { isUnderstood, signatureAlgorithm }: CertificateContent,
  nowMs: number,
): boolean {
  const { modulusLength = RSA_MIN_BITS } = certificate.publicKey.asymmetricKeyDetails ?? {};
  return (
    isUnderstood &&
    isWithinValidity(certificate, nowMs) &&
    isForClients(certificate) &&
    modulusLength >= RSA_MIN_BITS &&
    !BROKEN_ALGORITHMS.has(signatureAlgorithm)
  );
}

/** RFC 5280 §4.2.1.12; Node gives the extended key usage under the name `keyUsage`. */
function isForClients({ keyUsage }: X509Certificate): boolean {
  const usages = keyUsage as readonly string[] | undefined;
  return (
    usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_EXTENDED_KEY_USAGE)
  );
}
