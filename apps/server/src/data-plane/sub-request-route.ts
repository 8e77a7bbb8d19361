import type { ServerResponse } from 'node:http';
import type { DataPlaneRequest } from './data-plane-request.js';

/**
 * A route that gateways ask by a sub-request: the end client's method, headers and body, or some of
 * them, and in some gateways the end client's URL behind `path`. It is reached by any method; the
 * body is never looked at: whatever type and length an end client claims for one that the gateway has
 * kept to itself must not matter.
 */
export interface SubRequestRoute {
  readonly path: string;
  /**
   * Who may use it; there is no default. `holder`: whoever presents a credential learns what it
   * stands for, and nobody learns anything of another.
   */
  readonly access: { readonly kind: 'holder' };
  /** Answers through `response`, or throws. */
  handle(request: DataPlaneRequest, response: ServerResponse): void | Promise<void>;
}
