import { ClientCertificate, MalformedCertificate } from '@countersign/core';
import type { IncomingHttpHeaders } from 'node:http';
import { escapedPem } from './escaped-pem.js';

/**
 * Reads `X-SSL-Client-Cert`, which nginx makes of `$ssl_client_escaped_cert`: one certificate. An
 * empty one is what other proxies send when there is none.
 * @returns undefined: the client has no certificate
 * @throws {MalformedCertificate}
 */
export function readXSslClientCert(headers: IncomingHttpHeaders): ClientCertificate | undefined {
  const header = headers['x-ssl-client-cert']?.toString() ?? '';
  if (header === '') return undefined;
  const [leaf, ...more] = escapedPem(header);
  if (leaf === undefined || more.length > 0) {
    throw new MalformedCertificate('there is more than one certificate');
  }
  return ClientCertificate.from(leaf);
}
