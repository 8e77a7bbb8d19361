import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { ClientCertificate } from '@countersign/core';
import { isIpAllowed } from '@countersign/verify';
import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CONFIG, type Config } from '../config/config.js';
import type { ClientCertHeader } from '../config/variables.js';
import { readClientCert } from './read-client-cert.js';
import { readXForwardedClientCert } from './read-x-forwarded-client-cert.js';
import { readXSslClientCert } from './read-x-ssl-client-cert.js';

type ReadHeaders = (headers: IncomingHttpHeaders) => ClientCertificate | undefined;

const READERS: Readonly<Record<ClientCertHeader, ReadHeaders>> = {
  'client-cert': readClientCert,
  'x-ssl-client-cert': readXSslClientCert,
  'x-forwarded-client-cert': readXForwardedClientCert,
};

/** A request of whichever server. */
interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  readonly raw: IncomingMessage;
}

// The client's own certificate is one more.
const INTERMEDIATES_MAX = 4;

/**
 * The certificate that a client has shown: to a trusted proxy, which tells of it in a header, or to
 * the service itself. What others write into that header is as if it were not there.
 */
@Injectable()
export class ClientCertificates {
  readonly #trustedProxies: readonly string[];
  readonly #readHeaders: ReadHeaders | undefined;
  readonly #terminatesTls: boolean;
  readonly #ofSocket = new WeakMap<TLSSocket, { readonly shown: ClientCertificate | undefined }>();

  constructor(
    @Inject(CONFIG)
    config: Pick<Config, 'trustedProxies' | 'clientCertificates' | 'tls'>,
  ) {
    const { header } = config.clientCertificates;
    this.#trustedProxies = config.trustedProxies;
    this.#readHeaders = header === null ? undefined : READERS[header];
    this.#terminatesTls = config.tls !== null;
  }

  /**
   * @returns undefined: the sender of the request has none
   * @throws {MalformedCertificate} a trusted proxy tells of one that is none
   */
  ofSender(request: HttpRequest): ClientCertificate | undefined {
    if (this.#readHeaders === undefined && !this.#terminatesTls) return undefined;
    const { socket } = request.raw;
    // A proxy's own certificate is not that of the client that it speaks for.
    if (this.#isTrusted(request)) return this.#readHeaders?.(request.headers);
    return socket instanceof TLSSocket ? this.#shownTo(socket) : undefined;
  }

  /**
   * Of the end client that a gateway asks about; the gateway's own says nothing of it.
   * @throws {MalformedCertificate}
   */
  ofEndClient(request: HttpRequest): ClientCertificate | undefined {
    if (this.#readHeaders === undefined || !this.#isTrusted(request)) return undefined;
    return this.#readHeaders(request.headers);
  }

  #isTrusted({ raw }: HttpRequest): boolean {
    return isIpAllowed(this.#trustedProxies, raw.socket.remoteAddress);
  }

  #shownTo(socket: TLSSocket): ClientCertificate | undefined {
    let known = this.#ofSocket.get(socket);
    if (known === undefined) {
      known = { shown: certificateOf(socket) };
      this.#ofSocket.set(socket, known);
    }
    return known.shown;
  }
}

function certificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return undefined;
  const chain: X509Certificate[] = [];
  for (
    let next = leaf.issuerCertificate;
    next !== undefined && chain.length < INTERMEDIATES_MAX;
    next = next.issuerCertificate
  ) {
    chain.push(next);
  }
  return ClientCertificate.from(
    leaf.raw,
    chain.map(({ raw }) => raw),
  );
}
