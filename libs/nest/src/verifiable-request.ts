import type { IncomingHttpHeaders } from 'node:http';
import type { VerifiableRequest } from '@countersign/client';

/** As much of a request as both of Nest's platforms have; Fastify keeps Node's own in `raw`. */
export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly url: string;
  readonly originalUrl?: string;
  readonly ip?: string;
  readonly rawHeaders?: readonly string[];
  readonly raw?: { readonly rawHeaders: readonly string[] };
}

/** The request as a verifier takes it. Without the raw headers, one that came twice would be seen once. */
export function verifiableRequest(request: PlatformRequest): VerifiableRequest {
  const {
    headers,
    method,
    url,
    originalUrl = url,
    ip,
    raw,
    rawHeaders = raw?.rawHeaders,
  } = request;
  return { headers, rawHeaders, method, originalUrl, ip };
}
