import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Secret } from '@countersign/core';
import type { Config } from './config.js';
import type { Variables } from './variables.js';

/** What the files hold that have to do with certificates. */
export interface CertificateFiles {
  readonly tls: Config['tls'];
  readonly authorities: readonly X509Certificate[];
}

type FileVariable =
  | 'COUNTERSIGN_TLS_CERT_FILE'
  | 'COUNTERSIGN_TLS_KEY_FILE'
  | 'COUNTERSIGN_CLIENT_CA_FILE';
type FileNames = { readonly [name in FileVariable]?: Variables[name] };

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads the files, and checks that they hold what they should.
 * @param problems gets what is wrong; then what is returned is not to be used
 */
export function readCertificateFiles(
  names: FileNames,
  readFile: (path: string) => string,
  problems: string[],
): CertificateFiles {
  const report = (name: FileVariable, what: string, advice: string) =>
    void problems.push(`${name} names a file that ${what}: ${advice}.`);
  const read = (name: FileVariable): string | undefined => {
    const path = names[name];
    if (path === undefined) return undefined;
    try {
      return readFile(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      const advice = 'correct the path, or let the user of this process read the file';
      report(name, `cannot be read (${code})`, advice);
      return undefined;
    }
  };
  const readCertificates = (name: FileVariable): X509Certificate[] => {
    const text = read(name);
    if (text === undefined) return [];
    try {
      const certificates = (text.match(PEM_CERTIFICATE) ?? []).map(
        (pem) => new X509Certificate(pem),
      );
      if (certificates.length > 0) return certificates;
    } catch {
      // Reported below, as a file without any is.
    }
    report(name, 'has no certificates in PEM', "correct the file's content");
    return [];
  };

  const chain = readCertificates('COUNTERSIGN_TLS_CERT_FILE');
  const privateKey = read('COUNTERSIGN_TLS_KEY_FILE');
  const authorities = readCertificates('COUNTERSIGN_CLIENT_CA_FILE');
  const hasCertificate = names.COUNTERSIGN_TLS_CERT_FILE !== undefined;
  const hasKey = names.COUNTERSIGN_TLS_KEY_FILE !== undefined;
  if (hasCertificate !== hasKey) {
    const missing = hasKey ? 'COUNTERSIGN_TLS_CERT_FILE' : 'COUNTERSIGN_TLS_KEY_FILE';
    problems.push(`${missing} is missing: TLS needs both the certificate and its private key.`);
  }
  const [certificate] = chain;
  if (certificate === undefined || privateKey === undefined) return { tls: null, authorities };
  if (!isKeyOf(certificate, privateKey)) {
    const what = 'is not the private key of the certificate, in PEM and without a passphrase';
    report('COUNTERSIGN_TLS_KEY_FILE', what, "correct the file's content");
  }
  const certificatePem = chain.map((one) => one.toString()).join('');
  return { tls: { certificate: certificatePem, privateKey: new Secret(privateKey) }, authorities };
}

function isKeyOf(certificate: X509Certificate, privateKeyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}
