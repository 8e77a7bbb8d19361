import type { RequestContext } from '@countersign/verify';
import type { DataPlaneRequest } from './data-plane-request.js';

/** The request as restrictions see it; worked out only where there are any. */
export class HttpRequestContext implements RequestContext {
  constructor(private readonly request: DataPlaneRequest) {}

  get ip(): string | undefined {
    return this.request.ip;
  }

  get method(): string {
    return this.request.method;
  }

  get path(): string {
    return this.request.url;
  }
}
