import { ClientCertificate, MalformedCertificate } from '@countersign/core';
import { type InnerList, type Item, parseItem, parseList, ParseError } from 'structured-headers';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Reads `Client-Cert` and `Client-Cert-Chain`.
 * @returns undefined: there is no such header
 * @throws {MalformedCertificate}
 * @see RFC 9440 §2
 */
export function readClientCert(headers: IncomingHttpHeaders): ClientCertificate | undefined {
  const leaf = headers['client-cert']?.toString();
  const chain = headers['client-cert-chain']?.toString();
  if (leaf === undefined) {
    // RFC 9440 §2.3: it must not be sent alone.
    if (chain !== undefined) throw new MalformedCertificate('there is a chain, and no certificate');
    return undefined;
  }
  try {
    const intermediates = chain === undefined ? [] : parseList(chain).map(octetsOf);
    return ClientCertificate.from(octetsOf(parseItem(leaf)), intermediates);
  } catch (error) {
    if (error instanceof ParseError) throw new MalformedCertificate('it is no structured field');
    throw error;
  }
}

/** RFC 9440 §2.1: a byte sequence. Parameters that are not known are ignored (RFC 9651 §2.1). */
function octetsOf([value]: Item | InnerList): Buffer {
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  throw new MalformedCertificate('it is no byte sequence');
}
