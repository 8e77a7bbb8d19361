import type { X509Certificate } from 'node:crypto';
import { type CertificateContent, certificateContent } from './certificate-content.js';
import { isWithinValidity } from './is-within-validity.js';
import type { ClientCertificate } from './client-certificate.js';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
const RSA_MIN_BITS = 2048;
// What a client sends decides what it costs to judge it, before anybody knows who it is.
const RSA_MAX_BITS = 4096;
const RSA_MAX_EXPONENT = 2n ** 32n;
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
    const others = distinct(intermediates);
    try {
      return this.anchors.some((anchor) => leadsTo(leaf, anchor, others, Infinity, nowMs));
    } catch {
      // One of those that came from outside is not as RFC 5280 has it.
      return false;
    }
  }
}

/**
 * From an authority downwards: a certificate from outside is judged, which takes long where it is
 * large, only once an authority's signature is found on it.
 * @param issuer an authority, if what it says of itself is good
 * @param allowedBelow how many authorities there may be between `issuer` and the client's certificate
 */
function leadsTo(
  leaf: X509Certificate,
  issuer: X509Certificate,
  others: readonly X509Certificate[],
  allowedBelow: number,
  nowMs: number,
): boolean {
  if (!issuer.ca) return false;
  const content = certificateContent(issuer);
  if (!isUsable(issuer, content, nowMs)) return false;
  if (isIssuedBy(leaf, issuer) && isClient(leaf, nowMs)) return true;
  const below = Math.min(allowedBelow, content.pathLength);
  if (below === 0) return false;
  return others.some((next) => {
    if (!isIssuedBy(next, issuer) || !isAffordable(next)) return false;
    const rest = others.filter((other) => other !== next);
    return leadsTo(leaf, next, rest, below - 1, nowMs);
  });
}

function isClient(certificate: X509Certificate, nowMs: number): boolean {
  const content = certificateContent(certificate);
  return content.maySign && isUsable(certificate, content, nowMs) && isAffordable(certificate);
}

function distinct(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return [...new Map(certificates.map((each) => [each.fingerprint256, each])).values()];
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  // The first compares names and key usage alone; the second is the signature.
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
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

/** Whether a signature can be verified by its key in little time. */
function isAffordable({ publicKey }: X509Certificate): boolean {
  const { modulusLength = 0, publicExponent = 0n } = publicKey.asymmetricKeyDetails ?? {};
  return modulusLength <= RSA_MAX_BITS && publicExponent < RSA_MAX_EXPONENT;
}

/** RFC 5280 §4.2.1.12; Node gives the extended key usage under the name `keyUsage`. */
function isForClients({ keyUsage }: X509Certificate): boolean {
  const usages = keyUsage as readonly string[] | undefined;
  return (
    usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_EXTENDED_KEY_USAGE)
  );
}
