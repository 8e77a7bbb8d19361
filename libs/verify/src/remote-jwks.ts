import { createRemoteJWKSet, customFetch, type JSONWebKeySet, type RemoteJWKSet } from 'jose';
import { type DiscoveryDocument, discoverJwksUri } from './discover-jwks-uri.js';
import { type Fetch, fetchDocument } from './fetch-document.js';
import { type AllowInsecureHttp, parseSecureUrl } from './parse-secure-url.js';

export interface RemoteJwksOptions {
  readonly issuer: string;
  /** undefined: where the issuer's metadata says. */
  readonly jwksUri: string | undefined;
  readonly discovery: DiscoveryDocument | undefined;
  readonly allowInsecureHttp: AllowInsecureHttp;
  readonly fetch: Fetch;
  /** Time limit of one request. */
  readonly timeoutMs: number;
  /** How long what the metadata said is gone by. */
  readonly locationMaxAgeMs: number;
  readonly monotonicMs: () => number;
  /** Whether HTTP caches are to be passed by, by now. */
  readonly isCacheDistrusted: () => boolean;
}

/** Where a set was last found. */
interface Location {
  readonly href: string;
  readonly remote: RemoteJWKSet;
}

/**
 * The document of an issuer's JWK Set, wherever it is. An issuer that is known by its metadata may move the
 * set: the metadata is asked anew when what it said is too old, and when the set is no longer there.
 * While the metadata cannot be had, the set is looked for where it was.
 *
 * @throws {TypeError} from the constructor, when a URL is not one that keys may be fetched from
 * @see RFC 7517 §5, RFC 8414 §2
 */
export class RemoteJwks {
  readonly #options: RemoteJwksOptions;
  readonly #isGiven: boolean;
  #location: Location | undefined;
  #locatedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RemoteJwksOptions) {
    this.#options = options;
    const { issuer, jwksUri, allowInsecureHttp } = options;
    const entry = parseSecureUrl(jwksUri ?? issuer, allowInsecureHttp);
    this.#isGiven = jwksUri !== undefined;
    if (this.#isGiven) this.#location = this.#at(entry);
  }

  /** Fetches the set. Rejects when it cannot be had, or is none. */
  async load(): Promise<JSONWebKeySet> {
    const known = this.#location;
    if (known === undefined || this.#isLocationOld()) return read(await this.#locate());
    try {
      return await read(known);
    } catch (cause) {
      if (this.#isGiven) throw cause;
      const found = await this.#locate();
      if (found === known) throw cause;
      return read(found);
    }
  }

  #isLocationOld(): boolean {
    const { monotonicMs, locationMaxAgeMs } = this.#options;
    return !this.#isGiven && monotonicMs() - this.#locatedAtMs >= locationMaxAgeMs;
  }

  async #locate(): Promise<Location> {
    const { issuer, fetch, timeoutMs, allowInsecureHttp, discovery, monotonicMs } = this.#options;
    const startedAtMs = monotonicMs();
    const options = { fetch, timeoutMs, allowInsecureHttp, document: discovery };
    try {
      const url = await discoverJwksUri(issuer, options);
      if (url.href !== this.#location?.href) this.#location = this.#at(url);
      this.#locatedAtMs = startedAtMs;
    } catch (cause) {
      if (this.#location === undefined) throw cause;
    }
    return this.#location;
  }

  /** jose fetches and checks the document; how long it is good for is decided elsewhere. */
  #at(url: URL): Location {
    const { fetch, timeoutMs, isCacheDistrusted } = this.#options;
    const fetchSet = fetchDocument(fetch);
    const remote = createRemoteJWKSet(url, {
      timeoutDuration: timeoutMs,
      [customFetch]: (href, init) => {
        const headers = new Headers(init.headers);
        if (isCacheDistrusted()) headers.set('cache-control', 'no-cache');
        return fetchSet(href, { ...init, headers });
      },
    });
    return { href: url.href, remote };
  }
}

async function read({ remote }: Location): Promise<JSONWebKeySet> {
  await remote.reload();
  const document = remote.jwks();
  if (document === undefined) throw new Error('no JWK Set was loaded');
  return document;
}
