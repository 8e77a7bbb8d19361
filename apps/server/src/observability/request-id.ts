import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID_HEADER = 'x-request-id';

// Nothing that could forge a line of a log or a header.
const ACCEPTABLE = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * The id of a request: the caller's own, so that a request can be followed across services, when it
 * is 1 to 64 of `A-Z a-z 0-9 _ . -`; else a fresh one. For Fastify's `genReqId`.
 */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : randomUUID();
}

/** Returns the id with every answer of `instance`, errors and unknown routes included. */
export function returnRequestIds(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
