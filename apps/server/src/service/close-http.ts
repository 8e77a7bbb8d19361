import type { Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DrainState } from '../endpoints/health/drain-state.js';

/**
 * Takes no more connections, answers what is in progress, and closes. Requests that take longer than
 * the grace are cut off.
 * @param graceMs milliseconds
 */
export async function closeHttp(
  app: NestFastifyApplication,
  drainState: DrainState,
  graceMs: number,
): Promise<void> {
  drainState.begin();
  const server: Server = app.getHttpServer();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
