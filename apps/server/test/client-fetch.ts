import { Agent, fetch } from 'undici';
import type { TestCertificate } from '../../../test/certificate-authority.js';
import type { Fetch } from './http-client.js';

export interface ClientFetchOptions {
  /** Who may have issued the service's certificate. */
  readonly ca?: TestCertificate;
  /** What the client presents over TLS, with what stands between it and an authority. */
  readonly certificate?: TestCertificate;
  readonly intermediates?: readonly TestCertificate[];
  /** From which address it connects. */
  readonly localAddress?: string;
}

/** `fetch` as a client has it that presents a certificate, or connects from elsewhere. */
export function clientFetch(options: ClientFetchOptions): Fetch {
  const { ca, certificate, intermediates = [], localAddress } = options;
  const dispatcher = new Agent({
    ...(localAddress !== undefined && { localAddress }),
    connect: {
      ...(ca !== undefined && { ca: ca.pem }),
      ...(certificate !== undefined && {
        cert: [certificate, ...intermediates].map(({ pem }) => pem).join(''),
        key: certificate.privateKeyPem,
      }),
    },
  });
  // Node's own `fetch` takes no dispatcher of another undici than the one inside it.
  return ((url: string, init: object) => fetch(url, { ...init, dispatcher })) as unknown as Fetch;
}
