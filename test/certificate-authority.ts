import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** A certificate with the private key that belongs to it. */
export interface TestCertificate {
  readonly x509: X509Certificate;
  readonly pem: string;
  /** PKCS #8 in PEM. */
  readonly privateKeyPem: string;
  /** `x5t#S256`. */
  readonly thumbprint: string;
}

export interface CertificateOptions {
  /** As RFC 4514 writes it, but the first element of the encoding first. */
  readonly subject?: string;
  readonly names?: x509.JsonGeneralNames;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly x509.Extension[];
  /** Of its key pair; P-256 unless told. */
  readonly keyAlgorithm?: webcrypto.RsaHashedKeyGenParams;
  /** Instead of that of its own key pair, which then is of no use. */
  readonly publicKey?: webcrypto.CryptoKey;
  /** SHA-256 unless told. */
  readonly signatureHash?: string;
}

/** An authority that issues certificates to the clients of a test. */
export class CertificateAuthority implements TestCertificate {
  readonly x509: X509Certificate;
  readonly pem: string;
  readonly thumbprint: string;

  private constructor(
    private readonly certificate: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {
    ({ x509: this.x509, pem: this.pem, thumbprint: this.thumbprint } = ofPeculiar(certificate));
  }

  get privateKeyPem(): string {
    return pemOf(this.keys.privateKey);
  }

  static async create(options: CertificateOptions = {}): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...fields({ subject: 'CN=Test CA', ...options }, AUTHORITY),
      name: options.subject ?? 'CN=Test CA',
      keys,
    });
    return new CertificateAuthority(certificate, keys);
  }

  /** An authority below this one. @param pathLength how many may be below that one */
  async issueAuthority(
    options: CertificateOptions & { readonly pathLength?: number; readonly ca?: boolean } = {},
  ): Promise<CertificateAuthority> {
    const { ca = true, pathLength, keyAlgorithm } = options;
    const keys = await generateKeys(keyAlgorithm);
    const own = [new x509.BasicConstraintsExtension(ca, pathLength, true)];
    const named = { subject: 'CN=Test intermediate CA', ...options };
    return new CertificateAuthority(await this.#issue(named, keys, own), keys);
  }

  async issue(options: CertificateOptions = {}): Promise<TestCertificate> {
    const keys = await generateKeys(options.keyAlgorithm);
    const certificate = await this.#issue({ subject: 'CN=client', ...options }, keys, []);
    return { ...ofPeculiar(certificate), privateKeyPem: pemOf(keys.privateKey) };
  }

  #issue(
    options: CertificateOptions & { readonly subject: string },
    { publicKey }: webcrypto.CryptoKeyPair,
    own: readonly x509.Extension[],
  ): Promise<x509.X509Certificate> {
    return x509.X509CertificateGenerator.create({
      ...fields(options, own),
      subject: options.subject,
      issuer: this.certificate.subject,
      publicKey: options.publicKey ?? publicKey,
      signingKey: this.keys.privateKey,
    });
  }
}

/** A certificate that nobody but its holder vouches for. */
export async function selfSigned(options: CertificateOptions = {}): Promise<TestCertificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...fields(options, []),
    name: options.subject ?? 'CN=client',
    keys,
  });
  return { ...ofPeculiar(certificate), privateKeyPem: pemOf(keys.privateKey) };
}

const AUTHORITY = [new x509.BasicConstraintsExtension(true, undefined, true)];

function fields(options: CertificateOptions, own: readonly x509.Extension[]) {
  const { names, extensions = [], notBefore, notAfter, signatureHash: hash = 'SHA-256' } = options;
  return {
    serialNumber: `4${randomBytes(8).toString('hex').slice(1)}`,
    notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
    signingAlgorithm: { ...ALGORITHM, hash },
    extensions: [
      ...own,
      ...extensions,
      ...(names === undefined ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  };
}

function generateKeys(
  algorithm: webcrypto.RsaHashedKeyGenParams | typeof ALGORITHM = ALGORITHM,
): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function ofPeculiar(certificate: x509.X509Certificate) {
  const own = new X509Certificate(Buffer.from(certificate.rawData));
  const thumbprint = Buffer.from(own.fingerprint256.replaceAll(':', ''), 'hex');
  return { x509: own, pem: own.toString(), thumbprint: thumbprint.toString('base64url') };
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
