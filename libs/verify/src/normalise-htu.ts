const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/**
 * The one spelling of an http(s) URL in which two are compared: without query and fragment, scheme
 * and host in lower case, no default port, dot segments resolved, escapes in upper case, and none
 * of what needs no escaping. Null for anything else, also for a URL with user information.
 * @see RFC 9449 §4.3, item 9; RFC 3986 §6.2.2, §6.2.3
 */
export function normaliseHtu(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, host, pathname, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  if (username !== '' || password !== '') return null;
  return `${protocol}//${host}${pathname.replaceAll(/%[0-9A-Fa-f]{2}/g, normaliseEscape)}`;
}

function normaliseEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}
