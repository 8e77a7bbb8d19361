import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on this machine that answers as it is told, and counts. */
export interface JwksServer {
  readonly origin: string;
  readonly requests: string[];
  /** Answers by path: a JSON document, or a listener. */
  routes: Record<string, unknown>;
  close(): Promise<void>;
}

export async function startJwksServer(): Promise<JwksServer> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const route = server.routes[path];
    if (typeof route === 'function') return (route as RequestListener)(request, response);
    response.statusCode = route === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(route ?? {}));
  };
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: JwksServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    routes: {},
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
