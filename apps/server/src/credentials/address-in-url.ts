import { isIP } from 'node:net';

/** The address that a URL has for its host; null: it has a name, of which nothing is known without a look-up. */
export function addressInUrl(url: string): string | null {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? null : host;
}
