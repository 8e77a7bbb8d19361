import { hash, X509Certificate } from 'node:crypto';

// A certificate of an RSA key of 4096 bits takes 2 kB; one with many names a few more.
const CERTIFICATE_MAX_BYTES = 16 * 1024;
// Every one more is another that a signature may have to be verified by.
const INTERMEDIATES_MAX = 4;

/** What was presented as a client's certificate is none. */
export class MalformedCertificate extends Error {
  override readonly name = 'MalformedCertificate';
}

/**
 * The certificate whose private key a client has proven to hold, in the handshake of TLS, and those
 * that it sent along to show who has issued it. Nothing is known about it yet.
 */
export class ClientCertificate {
  /** SHA-256 of the DER encoding, base64url. @see RFC 8705 §3.1 */
  readonly thumbprint: string;

  private constructor(
    readonly leaf: X509Certificate,
    readonly intermediates: readonly X509Certificate[],
  ) {
    this.thumbprint = hash('sha256', leaf.raw, 'base64url');
  }

  /**
   * @param leaf in DER or PEM; `intermediates` as well, in any order
   * @throws {MalformedCertificate}
   */
  static from(leaf: Buffer | string, intermediates: readonly (Buffer | string)[] = []) {
    if (intermediates.length > INTERMEDIATES_MAX) {
      throw new MalformedCertificate(`more than ${INTERMEDIATES_MAX} certificates in the chain`);
    }
    return new ClientCertificate(parsed(leaf), intermediates.map(parsed));
  }
}

function parsed(encoded: Buffer | string): X509Certificate {
  if (encoded.length > 2 * CERTIFICATE_MAX_BYTES) throw new MalformedCertificate('it is too large');
  try {
    return new X509Certificate(encoded);
  } catch {
    throw new MalformedCertificate('it cannot be parsed');
  }
}
