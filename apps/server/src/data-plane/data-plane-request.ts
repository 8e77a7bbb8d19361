import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { requestIdOf } from '../observability/request-id.js';
import type { SenderAddress } from './sender-address.js';

/** A request to the data plane. What costs something is worked out when it is asked for. */
export class DataPlaneRequest {
  /** As its endpoint reads it, once it was read; undefined: there was none. */
  body: unknown = undefined;
  #id: string | undefined;

  constructor(
    readonly raw: IncomingMessage,
    private readonly senderAddress: SenderAddress,
  ) {}

  /** By names in lower case; one that was repeated is joined by commas. */
  get headers(): IncomingHttpHeaders {
    return this.raw.headers;
  }

  get method(): string {
    return this.raw.method ?? '';
  }

  /** As it was sent: path and query. */
  get url(): string {
    return this.raw.url ?? '';
  }

  get socket(): Socket {
    return this.raw.socket;
  }

  /** Of the sender, as far as trusted proxies tell; undefined: it has gone. */
  get ip(): string | undefined {
    return this.senderAddress(this.raw);
  }

  /**
   * Made when it is first asked for: a hot request that succeeds is neither logged nor audited, and a
   * random id would cost it as much as verifying its caller.
   */
  get id(): string {
    return (this.#id ??= requestIdOf(this.raw));
  }
}
