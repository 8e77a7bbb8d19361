import type { RequestContext } from '@countersign/verify';

/** Headers as the web has them, or as Node has them: names in lower case. */
export type RequestHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * A request that bears a credential. A web-standard `Request`, Node's `IncomingMessage` and Express's
 * request are ones as they are; of Fastify's give `{ ...its members, rawHeaders: request.raw.rawHeaders }`.
 */
export interface VerifiableRequest {
  readonly headers: RequestHeaders;
  /** All headers as Node received them: without it a header that came twice is seen once. */
  readonly rawHeaders?: readonly string[] | undefined;
  readonly method?: string | undefined;
  /** The path with its query, or an absolute URL. */
  readonly url?: string | undefined;
  /** The same before a router took its prefix off; preferred where it is there. */
  readonly originalUrl?: string | undefined;
  /**
   * Address of the end client. Never taken from the socket, where it may be a proxy's: without it
   * a credential that is restricted to addresses is refused.
   */
  readonly ip?: string | undefined;
}

/** What a credential is used for, as far as it is not in the request. Wins over the request. */
export interface VerifyContext extends RequestContext {
  /** Absolute URL as the client knows it, for DPoP. Default: `dpop.baseUrl` and the request's path. */
  readonly url?: string | undefined;
  /** SHA-256 thumbprint of the client's certificate, base64url, once TLS has verified it (RFC 8705). */
  readonly certificateThumbprint?: string | undefined;
  /** Scheme that a credential given as text came with. Default: `Bearer`. */
  readonly scheme?: 'Bearer' | 'DPoP' | undefined;
  /** The `DPoP` header that came with a credential given as text. */
  readonly dpopProof?: string | readonly string[] | undefined;
}

export interface VerifyOptions {
  /** All of these are needed, compared exactly. Default: none. */
  readonly scopes?: string | readonly string[] | undefined;
  readonly context?: VerifyContext | undefined;
}
