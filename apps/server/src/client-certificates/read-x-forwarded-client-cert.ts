import { ClientCertificate, MalformedCertificate } from '@countersign/core';
import type { IncomingHttpHeaders } from 'node:http';
import { escapedPem } from './escaped-pem.js';

// One pair, and the semicolon before the next one. A value is quoted when it has `,`, `;` or `=`.
const PAIR = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;=\\]*))(;|$)/y;

/**
 * Reads Envoy's `X-Forwarded-Client-Cert`: `Cert` and `Chain`, percent-encoded PEM. Several elements
 * are the certificates of several hops; which of them is the client's depends on how each proxy is
 * set up, so that the one which faces clients has to replace the header (`SANITIZE_SET`).
 * @returns undefined: there is no such header
 * @throws {MalformedCertificate}
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
export function readXForwardedClientCert(
  headers: IncomingHttpHeaders,
): ClientCertificate | undefined {
  const header = headers['x-forwarded-client-cert']?.toString();
  if (header === undefined) return undefined;
  const pairs = pairsOf(header);
  const [leaf, ...more] = escapedPem(pairs.get('cert') ?? '');
  if (leaf === undefined || more.length > 0) {
    throw new MalformedCertificate('there is more than one certificate in Cert');
  }
  const chain = pairs.get('chain');
  // Envoy's chain begins with the client's own certificate.
  return ClientCertificate.from(leaf, chain === undefined ? [] : escapedPem(chain).slice(1));
}

/** By their keys in lower case: Envoy takes them without regard to case. */
function pairsOf(header: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < header.length) {
    const pair = PAIR.exec(header);
    if (pair === null) throw new MalformedCertificate('it is not one element of pairs');
    const key = (pair[1] ?? '').toLowerCase();
    // `URI` and `DNS` may be repeated; nothing depends on them.
    if (pairs.has(key) && (key === 'cert' || key === 'chain')) {
      throw new MalformedCertificate(`there is more than one ${key}`);
    }
    pairs.set(key, pair[2]?.replaceAll(/\\(.)/g, '$1') ?? pair[3] ?? '');
  }
  return pairs;
}
