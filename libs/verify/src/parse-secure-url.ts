/**
 * Where plain HTTP may be used to fetch keys: nowhere (the default), from this machine only
 * (`localhost`, 127.0.0.0/8, ::1), or anywhere, which lets the network choose the keys.
 */
export type AllowInsecureHttp = boolean | 'loopback';

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Parses an absolute URL that keys, or what leads to them, may be fetched from: https, or http
 * where that was allowed; without credentials.
 *
 * @throws {TypeError} for every other
 * @see RFC 8414 §6.1, RFC 8725 §3.10
 */
export function parseSecureUrl(text: string, allowInsecureHttp: AllowInsecureHttp = false): URL {
  if (!URL.canParse(text)) throw new TypeError(`not an absolute URL: ${text}`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(`the URL for ${url.host} must not contain credentials`);
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && isHttpAllowed(url, allowInsecureHttp)) return url;
  throw new TypeError(`must be https: ${text}`);
}

function isHttpAllowed(url: URL, allowed: AllowInsecureHttp): boolean {
  return allowed === true || (allowed === 'loopback' && LOOPBACK_HOST.test(url.hostname));
}
