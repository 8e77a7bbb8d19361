import { hash } from 'node:crypto';
import type { PresentedBinding } from '@countersign/verify';
import type { TestCertificate } from '../../../test/certificate-authority.js';
import { asClientCert } from './as-client-cert.js';
import type { DpopClient } from './dpop-client.js';
import { asBearer } from './http-client.js';

type Headers = Record<string, string>;

/** A credential with whatever it is bound to, as it is presented on each road. */
export interface Presentation {
  readonly credential: string;
  /** To `GET path` of our own API. */
  toUs(path: string): Promise<Headers>;
  /** To a gateway, which asks about it. */
  toGateway(): Promise<Headers>;
  /** What a backend tells of the request when it asks for a decision. */
  context(): Promise<object>;
  /** What it tells when it introspects. */
  readonly introspected: { readonly certificate_thumbprint?: string };
  /** What it has seen itself. */
  readonly binding: PresentedBinding | undefined;
}

export function unbound(credential: string): Presentation {
  return {
    credential,
    toUs: async () => asBearer(credential),
    toGateway: async () => asBearer(credential),
    context: async () => ({}),
    introspected: {},
    binding: undefined,
  };
}

/** @see RFC 8705 §3 */
export function withCertificate(credential: string, shown: TestCertificate): Presentation {
  const headers = { ...asBearer(credential), ...asClientCert(shown) };
  const introspected = { certificate_thumbprint: shown.thumbprint };
  return {
    credential,
    toUs: async () => headers,
    toGateway: async () => headers,
    context: async () => introspected,
    introspected,
    binding: { scheme: 'other', 'x5t#S256': shown.thumbprint },
  };
}

/** @see RFC 9449 §7.1 */
export async function withProof(credential: string, prover: DpopClient): Promise<Presentation> {
  const url = 'https://upstream.example.com/orders';
  const ath = hash('sha256', credential, 'base64url');
  const proof = () => prover.prove('GET', '', { htu: url, ath });
  return {
    credential,
    toUs: (path) => prover.headers('GET', path, credential),
    toGateway: async () => ({
      authorization: `DPoP ${credential}`,
      dpop: await proof(),
      'x-forwarded-method': 'GET',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'upstream.example.com',
      'x-forwarded-uri': '/orders',
    }),
    context: async () => ({ method: 'GET', url, dpop_proof: await proof() }),
    introspected: {},
    binding: { scheme: 'DPoP', jkt: await prover.jkt() },
  };
}
