import { isIP } from 'node:net';
import { isIpAllowed, type RequestContext } from '@countersign/verify';
import type { CheckRequest, HttpAttributes } from './check-request.js';
import { joinedHeaders, type JoinedHeaders } from './joined-headers.js';

/**
 * The end client's request as Envoy tells of it. Whoever reaches the port is believed, since nobody
 * but Envoy may; what is not told is unknown, and a restriction on it is then not satisfied.
 */
export class EnvoyEndClient implements RequestContext {
  readonly headers: JoinedHeaders;
  readonly #http: HttpAttributes;
  readonly #peer: string | undefined;
  readonly #certificate: string | undefined;

  /** @param trustedProxies addresses and CIDR blocks of what may stand before Envoy */
  constructor(
    { attributes }: CheckRequest,
    private readonly trustedProxies: readonly string[],
  ) {
    this.#http = attributes?.request?.http ?? {};
    this.#peer = attributes?.source?.address?.socket_address?.address;
    this.#certificate = attributes?.source?.certificate || undefined;
    this.headers = joinedHeaders(this.#http);
  }

  /**
   * Who has connected to Envoy; where that is a trusted proxy, the last in `X-Forwarded-For` that is
   * none. That a trusted proxy were the end client itself, is never assumed.
   */
  get ip(): string | undefined {
    const told = this.headers['x-forwarded-for']?.split(',').map((one) => one.trim()) ?? [];
    const nearest = [this.#peer ?? '', ...told.reverse()];
    const ip = nearest.find((one) => !isIpAllowed(this.trustedProxies, one));
    return ip !== undefined && isIP(ip) !== 0 ? ip : undefined;
  }

  /**
   * Percent-encoded PEM of what the end client has shown to Envoy; undefined: nothing, or a trusted
   * proxy before Envoy has shown its own, which would stand for everybody.
   * @see RFC 8705 §3
   */
  get certificate(): string | undefined {
    return isIpAllowed(this.trustedProxies, this.#peer) ? undefined : this.#certificate;
  }

  get method(): string | undefined {
    return this.#http.method || undefined;
  }

  get path(): string | undefined {
    return this.#http.path?.split('?', 1)[0] || undefined;
  }

  /** @see RFC 9449 §4.2 `htu` */
  get url(): string | undefined {
    const { scheme, host } = this.#http;
    const { path } = this;
    if (!scheme || !host || path === undefined) return undefined;
    const url = `${scheme}://${host}${path}`;
    return URL.canParse(url) ? url : undefined;
  }
}
