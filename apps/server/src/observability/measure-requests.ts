import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/**
 * Measures the requests to `instance`. The route is its template, never the path, which holds ids and
 * whatever a scanner made up.
 * @param isMeasured by route template; the hot endpoints are left out, since a histogram with labels
 *   costs too much there
 */
export function measureRequests(
  instance: FastifyInstance,
  { requestDurationSeconds }: Metrics,
  isMeasured: (route: string) => boolean,
): void {
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    if (isMeasured(route)) {
      requestDurationSeconds.observe(
        { method: request.method, route, status: reply.statusCode },
        reply.elapsedTime / 1000,
      );
    }
    done();
  });
}
