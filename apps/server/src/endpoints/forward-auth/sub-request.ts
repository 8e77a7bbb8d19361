import type { IncomingHttpHeaders } from 'node:http';
import {
  ANY_CREDENTIAL,
  readRequirement,
  type Requirement,
  WrongRequirement,
} from './requirement.js';

/** What the URL of a sub-request says. */
export interface SubRequest {
  readonly requirement: Requirement;
  /** The end client's URL, where the gateway puts it behind its own. */
  readonly appendedUrl: string | undefined;
  /** Whether the method of the sub-request is the end client's. */
  readonly keepsMethod: boolean;
}

const ASKS_NOTHING: SubRequest = {
  requirement: ANY_CREDENTIAL,
  appendedUrl: undefined,
  keepsMethod: false,
};

/**
 * Reads the URL of a sub-request. The requirement stands where no end client can write, in whichever
 * gateway; no header has a part in it, since gateways copy headers from the end client.
 *
 * - `/forward-auth?scopes=…`: the query is the gateway's own;
 * - `/forward-auth;scopes=…;/the/end/clients?url`: for a gateway (Envoy) that keeps the method and
 *   puts the end client's URL behind its own. The second semicolon ends what is the gateway's;
 * - `/forward-auth/the/end/clients?url`: any valid credential, and the query is nothing to us.
 *
 * @param url begins with `path`
 * @param headers tell the end client's URL, if the gateway does
 * @throws {WrongRequirement}
 */
export function readSubRequest(
  url: string,
  path: string,
  headers: IncomingHttpHeaders,
): SubRequest {
  if (url.length === path.length) return ASKS_NOTHING;
  const behind = url.slice(path.length);
  switch (behind.charAt(0)) {
    case '/':
      return { requirement: ANY_CREDENTIAL, appendedUrl: behind, keepsMethod: false };
    case ';':
      return readParameters(behind.slice(1));
    default: {
      const query = behind.slice(1);
      if (query !== '') requireOwnQuery(query, headers);
      return { requirement: readRequirement(query), appendedUrl: undefined, keepsMethod: false };
    }
  }
}

function readParameters(text: string): SubRequest {
  const end = text.indexOf(';');
  const parameters = text.slice(0, end);
  const appendedUrl = text.slice(end + 1);
  // Otherwise the end might be one that the end client has written.
  if (end === -1 || /[/?]/.test(parameters)) {
    throw new WrongRequirement('a semicolon must end the parameters in the path');
  }
  if (!appendedUrl.startsWith('/')) {
    throw new WrongRequirement('a path must stand behind the parameters in the path');
  }
  return { requirement: readRequirement(parameters), appendedUrl, keepsMethod: true };
}

/**
 * Caddy's `uri` without a `?` lets the end client's query through: `?optional=true` would open the
 * route. It is known by having nothing that the end client's URL has not; what is compared is what
 * it means, since a gateway may drop or rewrite some of it on the way.
 */
function requireOwnQuery(query: string, headers: IncomingHttpHeaders): void {
  for (const name of ['x-forwarded-uri', 'x-original-uri', 'x-original-url']) {
    const endClientsUrl = headers[name]?.toString() ?? '';
    const at = endClientsUrl.indexOf('?');
    if (at === -1) continue;
    const theirs = new URLSearchParams(endClientsUrl.slice(at + 1));
    if ([...new URLSearchParams(query)].every(([key, value]) => theirs.has(key, value))) {
      throw new WrongRequirement('the query is the one of the end client; give one of your own');
    }
  }
}
