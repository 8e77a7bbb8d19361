/** What a request bears by way of credentials, before anything is known about them. */
export type PresentedCredential =
  | { readonly mechanism: 'none' }
  | { readonly mechanism: 'ambiguous'; readonly detail: string }
  | { readonly mechanism: 'malformed'; readonly detail: string }
  | { readonly mechanism: 'bearer' | 'dpop' | 'x-api-key'; readonly credential: string }
  | {
      readonly mechanism: 'client_assertion';
      readonly clientId: string | undefined;
      readonly credential: string;
    }
  | {
      readonly mechanism: 'basic' | 'client_secret_post';
      readonly clientId: string;
      readonly credential: string;
    };

/** The request headers that can bear a credential, as Node parses them. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | string[] | undefined;
}

const NONE: PresentedCredential = { mechanism: 'none' };
// As nearly everybody writes it, which is told without the expression below.
const USUAL_SCHEME = 'Bearer ';
const SCHEME = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([^ ]+)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads the credential out of a request's headers: `Authorization` with Bearer, DPoP or Basic, or
 * `X-API-Key`. Two at once are ambiguous, whichever they are: "first wins" would let a proxy and the
 * service disagree on who is calling.
 * @see RFC 6750 §2, RFC 9449 §7.1, RFC 7617 §2, RFC 6749 §2.3.1 for the percent-encoding inside Basic
 */
export function presentedCredential(headers: CredentialHeaders): PresentedCredential {
  const { authorization, 'x-api-key': apiKey } = headers;
  if (apiKey === undefined) {
    return authorization === undefined ? NONE : fromAuthorization(authorization);
  }
  if (authorization !== undefined) {
    return ambiguous('Authorization and X-API-Key were both sent; send one of them');
  }
  // Node joins a repeated header with ", "; a key has neither comma nor space.
  if (typeof apiKey !== 'string' || apiKey.includes(',')) {
    return ambiguous('X-API-Key was sent more than once; send it once');
  }
  if (apiKey === '') return malformed('X-API-Key is empty');
  return { mechanism: 'x-api-key', credential: apiKey };
}

function fromAuthorization(header: string): PresentedCredential {
  // Repeated headers arrive joined by ", "; no scheme of ours has a comma (RFC 9110 §11.4).
  if (header.includes(',')) return ambiguous('Authorization was sent more than once; send it once');
  const start = USUAL_SCHEME.length;
  if (header.startsWith(USUAL_SCHEME) && header.length > start && !header.includes(' ', start)) {
    return { mechanism: 'bearer', credential: header.slice(start) };
  }
  const match = SCHEME.exec(header);
  const scheme = match?.[1]?.toLowerCase();
  const value = match?.[2] ?? '';
  if (scheme === 'bearer' || scheme === 'dpop') return { mechanism: scheme, credential: value };
  if (scheme === 'basic') return fromBasic(value);
  return malformed(
    'the Authorization header must be "Bearer <credential>", "DPoP <token>" or "Basic <base64>"',
  );
}

function fromBasic(encoded: string): PresentedCredential {
  if (!BASE64.test(encoded)) return malformed('the Basic credentials are not base64');
  const pair = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = pair.indexOf(':');
  if (colon === -1) return malformed('the Basic credentials have no colon');
  const clientId = formDecoded(pair.slice(0, colon));
  const credential = formDecoded(pair.slice(colon + 1));
  if (!clientId || !credential) {
    return malformed('the Basic credentials must be form-encoded id and key (RFC 6749 §2.3.1)');
  }
  return { mechanism: 'basic', clientId, credential };
}

function formDecoded(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function ambiguous(detail: string): PresentedCredential {
  return { mechanism: 'ambiguous', detail };
}

function malformed(detail: string): PresentedCredential {
  return { mechanism: 'malformed', detail };
}
