import { type Fetch, fetchDocument } from './fetch-document.js';
import { type AllowInsecureHttp, parseSecureUrl } from './parse-secure-url.js';

export interface DiscoveryOptions {
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly allowInsecureHttp: AllowInsecureHttp;
  /** Default: `oauth-authorization-server`. */
  readonly document?: DiscoveryDocument | undefined;
}

/** The metadata document that names the keys. */
export type DiscoveryDocument = 'oauth-authorization-server' | 'openid-configuration';

/**
 * Finds an issuer's `jwks_uri` in its metadata. The metadata must name exactly
 * this issuer, or it is not used.
 *
 * @throws {Error} when the metadata cannot be had, is not valid or is another issuer's
 * @see RFC 8414 §3, §3.3, OpenID Connect Discovery §4, §4.3
 */
export async function discoverJwksUri(issuer: string, options: DiscoveryOptions): Promise<URL> {
  const url = metadataUrl(issuer, options).href;
  const response = await fetchDocument(options.fetch)(url, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  const metadata: unknown = await response.json();
  if (typeof metadata !== 'object' || metadata === null) {
    throw new Error(`${url} is not a JSON object`);
  }
  if (!('issuer' in metadata) || metadata.issuer !== issuer) {
    throw new Error(`${url} is not the metadata of ${issuer}`);
  }
  if (!('jwks_uri' in metadata) || typeof metadata.jwks_uri !== 'string') {
    throw new Error(`${url} has no jwks_uri`);
  }
  return parseSecureUrl(metadata.jwks_uri, options.allowInsecureHttp);
}

/**
 * The well-known path goes between the host and the issuer's own path, or, in OpenID's way, behind.
 * @see RFC 8414 §3.1, §5, OpenID Connect Discovery §4.1
 */
function metadataUrl(
  issuer: string,
  { allowInsecureHttp, document = 'oauth-authorization-server' }: DiscoveryOptions,
): URL {
  const url = parseSecureUrl(issuer, allowInsecureHttp);
  const ownPath = url.pathname.replace(/\/$/, '');
  const wellKnown = `/.well-known/${document}`;
  url.pathname = document === 'openid-configuration' ? ownPath + wellKnown : wellKnown + ownPath;
  return url;
}
