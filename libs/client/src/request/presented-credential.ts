import type { RequestHeaders, VerifiableRequest } from '../verify-input.js';
import { hasTokenInUrl } from './has-token-in-url.js';

/** What a request bears by way of credentials, before anything is known about them. */
export type PresentedCredential =
  | { readonly mechanism: 'none' | 'invalid' }
  | {
      readonly mechanism: 'presented';
      readonly credential: string;
      readonly scheme: 'Bearer' | 'DPoP';
    };

const NONE: PresentedCredential = { mechanism: 'none' };
const INVALID: PresentedCredential = { mechanism: 'invalid' };

/**
 * Reads the credential out of a request's headers: `Authorization` with Bearer or DPoP, or `X-API-Key`.
 * Two at once are invalid, whichever they are: "first wins" would let a proxy and the backend disagree
 * on who is calling. So is a token in the URL, alone too: URLs end up in logs, and none is taken from
 * there. Another scheme of `Authorization` is no credential of ours.
 * @see RFC 6750 §2, §2.3, §3.1, RFC 9449 §7.1
 */
export function presentedCredential(request: VerifiableRequest): PresentedCredential {
  const { headers, rawHeaders } = request;
  if (hasTokenInUrl(request)) return INVALID;
  const authorization = headerOf(headers, 'authorization');
  const apiKey = headerOf(headers, 'x-api-key');
  if (rawHeaders !== undefined && hasRepeatedCredential(rawHeaders)) return INVALID;
  if (apiKey === undefined) return fromAuthorization(authorization);
  if (authorization !== undefined) return INVALID;
  if (typeof apiKey !== 'string' || !isOne(apiKey)) return INVALID;
  return { mechanism: 'presented', credential: apiKey, scheme: 'Bearer' };
}

/** Without a regular expression: over the characters of a token one takes longer than all else here. */
function fromAuthorization(header: string | readonly string[] | undefined): PresentedCredential {
  if (header === undefined) return NONE;
  if (typeof header !== 'string') return INVALID;
  const space = header.indexOf(' ');
  const scheme = (space === -1 ? header : header.slice(0, space)).toLowerCase();
  if (scheme !== 'bearer' && scheme !== 'dpop') return header.includes(',') ? INVALID : NONE;
  const credential = space === -1 ? '' : header.slice(space).trimStart();
  if (!isOne(credential)) return INVALID;
  return { mechanism: 'presented', credential, scheme: scheme === 'dpop' ? 'DPoP' : 'Bearer' };
}

/** A repeated header arrives joined by a comma, which no credential has. */
function isOne(credential: string): boolean {
  return credential !== '' && !credential.includes(' ') && !credential.includes(',');
}

/** One header, by its name in lower case; undefined when it is not there. */
export function headerOf(
  headers: RequestHeaders,
  name: string,
): string | readonly string[] | undefined {
  if (isWebHeaders(headers)) return headers.get(name) ?? undefined;
  return headers[name];
}

function isWebHeaders(headers: RequestHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === 'function';
}

/** Node keeps the first of several `Authorization` headers and drops the others without a word. */
function hasRepeatedCredential(rawHeaders: readonly string[]): boolean {
  let seen = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== 13 && name.length !== 9) continue;
    const lower = name.toLowerCase();
    if (lower === 'authorization' || lower === 'x-api-key') seen += 1;
  }
  return seen > 1;
}
