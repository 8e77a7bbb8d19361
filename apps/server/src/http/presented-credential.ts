import type { FastifyRequest } from 'fastify';

/**
 * How a request presents its credential. There is exactly one way of doing it at a time: a header
 * that is repeated, two mechanisms at once, or a token in the URL is `ambiguous`, never "first wins".
 */
export type Presentation = 'none' | 'one' | 'malformed' | 'ambiguous';

/** Looks at a request's headers and query only; the credential itself is read by passport. */
export function presentationOf(request: FastifyRequest): Presentation {
  const authorization = countHeaders(request, 'authorization');
  const apiKey = countHeaders(request, 'x-api-key');
  if (authorization + apiKey > 1 || hasTokenInUrl(request)) return 'ambiguous';
  if (apiKey === 1) return request.headers['x-api-key'] === '' ? 'none' : 'one';
  return authorization === 1 ? presentationOfHeader(request.headers.authorization ?? '') : 'none';
}

// RFC 6750 §2.1, RFC 9449 §7.1: the scheme, a space and one b64token. A longer value must not be cut to its first word.
const TOKEN = /^(?:Bearer|DPoP) +[A-Za-z0-9\-._~+/]+=*$/i;
const TOKEN_WITH_SOMETHING = /^(?:Bearer|DPoP)\s+\S/i;

/** Whether the credential comes under the scheme `DPoP`, whose name has no case. @see RFC 9110 §11.1 */
export function isDpopScheme({ headers }: FastifyRequest): boolean {
  return /^DPoP\s/i.test(headers.authorization ?? '');
}

function presentationOfHeader(value: string): Presentation {
  if (TOKEN.test(value)) return 'one';
  // Another scheme, or no token at all, lacks authentication information: RFC 6750 §3.1.
  return TOKEN_WITH_SOMETHING.test(value) ? 'malformed' : 'none';
}

/** Node joins or drops repeated headers; only the raw list tells. */
function countHeaders(request: FastifyRequest, name: string): number {
  return request.raw.rawHeaders.filter(
    (header, index) => index % 2 === 0 && header.toLowerCase() === name,
  ).length;
}

// RFC 6750 §2.3's query parameter is not taken: URLs end up in logs.
function hasTokenInUrl(request: FastifyRequest): boolean {
  return Object.hasOwn(request.query as object, 'access_token');
}
