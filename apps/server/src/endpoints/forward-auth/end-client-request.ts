import { isIpAllowed, type RequestContext } from '@countersign/verify';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import type { SubRequest } from './sub-request.js';

/**
 * The end client's request as its gateway tells of it; worked out only where a credential is
 * restricted. What nobody tells, what two tell differently, and all that does not come from a
 * trusted proxy, is unknown; a restriction on it is then not satisfied.
 */
export class EndClientRequest implements RequestContext {
  constructor(
    private readonly request: DataPlaneRequest,
    private readonly subRequest: SubRequest,
    private readonly trustedProxies: readonly string[],
  ) {}

  /** Without `X-Forwarded-For` the address is the gateway's, which says nothing of the end client. */
  get ip(): string | undefined {
    if (this.request.headers['x-forwarded-for'] === undefined) return undefined;
    return this.#isTrusted() ? this.request.ip : undefined;
  }

  get method(): string | undefined {
    const own = this.subRequest.keepsMethod ? this.request.method : undefined;
    return this.#agreed([own, ...this.#headers('x-forwarded-method', 'x-original-method')]);
  }

  get path(): string | undefined {
    const { appendedUrl } = this.subRequest;
    const told = this.#headers('x-forwarded-uri', 'x-original-uri', 'x-original-url');
    return this.#agreed([appendedUrl, ...told].map(withoutQuery));
  }

  /**
   * The URL that the end client has asked for, without the query: what a DPoP proof speaks of.
   * @see RFC 9449 §4.2 `htu`
   */
  get url(): string | undefined {
    const { path } = this;
    const [protocol] = this.#headers('x-forwarded-proto');
    // Envoy, which keeps the end client's method, keeps its host as well.
    const [told] = this.#headers('x-forwarded-host');
    const host = told ?? (this.subRequest.keepsMethod ? this.request.headers.host : undefined);
    if (path === undefined || protocol === undefined || host === undefined) return undefined;
    const url = `${protocol}://${host}${path}`;
    return URL.canParse(url) ? url : undefined;
  }

  #headers(...names: string[]): (string | undefined)[] {
    // Node joins a repeated header with ", ", which is no method and no path.
    return names.map((name) => this.request.headers[name]?.toString());
  }

  #agreed(told: (string | undefined)[]): string | undefined {
    const [one, ...others] = new Set(told.filter((value) => value !== undefined));
    return others.length === 0 && this.#isTrusted() ? one : undefined;
  }

  #isTrusted(): boolean {
    return isIpAllowed(this.trustedProxies, this.request.socket.remoteAddress);
  }
}

function withoutQuery(url: string | undefined): string | undefined {
  return url?.split('?', 1)[0];
}
