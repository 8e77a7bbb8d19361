import type { FastifyRequest } from 'fastify';
import { requestIdOf } from '../observability/request-id.js';

const ids = new WeakMap<FastifyRequest, string>();

/**
 * The id of a data-plane request, made when it is first asked for: a hot request that succeeds is
 * neither logged nor audited, and a random id costs it as much as verifying its caller.
 */
export function dataPlaneRequestId(request: FastifyRequest): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const id = requestIdOf(request.raw);
  ids.set(request, id);
  return id;
}
