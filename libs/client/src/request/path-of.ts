import type { VerifiableRequest } from '../verify-input.js';

const AUTHORITY_END = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/**
 * The path of a request as it was on the wire, still percent-encoded, without its query; undefined
 * when the request has none. Of an absolute URL only what follows the authority is taken: to parse it
 * would resolve dots and so hide what was sent.
 */
export function pathOf({ originalUrl, url }: VerifiableRequest): string | undefined {
  const target = originalUrl ?? url;
  if (target === undefined) return undefined;
  const path = target.startsWith('/') ? target : target.replace(AUTHORITY_END, '');
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}
