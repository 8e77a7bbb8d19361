import type { Caller } from './caller-authenticator.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set by the access guard. */
    caller?: Caller;
  }
}
