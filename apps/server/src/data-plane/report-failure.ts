import type { FastifyRequest } from 'fastify';
import type { Logger } from '../observability/logger.js';
import { dataPlaneRequestId } from './data-plane-request-id.js';
import type { OAuthFailure } from './oauth-failure.js';

/** Logs requests that fail: what is our fault as an error, an outage as a warning, the rest to debug. */
export function reportFailure(logger: Logger) {
  return (failure: OAuthFailure, error: unknown, request: FastifyRequest): void => {
    const fields = {
      request_id: dataPlaneRequestId(request),
      route: request.routeOptions.url,
      status: failure.status,
      code: failure.code,
    };
    if (failure.status === 500) logger.error({ ...fields, error }, 'request failed');
    else if (failure.status === 503) logger.warn({ ...fields, error }, 'request not answered');
    else logger.debug({ ...fields, detail: failure.description }, 'request refused');
  };
}
