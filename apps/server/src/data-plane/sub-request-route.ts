import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * A route that gateways ask by a sub-request: the end client's method, headers and body, or some of
 * them, and in some gateways the end client's URL behind `path`. It is reached by any method; the
 * body is never looked at. `request.originalUrl` is the URL as it was sent.
 */
export interface SubRequestRoute {
  readonly path: string;
  /**
   * Who may use it; there is no default. `holder`: whoever presents a credential learns what it
   * stands for, and nobody learns anything of another.
   */
  readonly access: { readonly kind: 'holder' };
  /** Answers through `reply`, or throws. */
  handle(request: FastifyRequest, reply: FastifyReply): void | Promise<void>;
}
