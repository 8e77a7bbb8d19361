import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { constants } from 'node:crypto';
import { createServer as createTlsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.js';
import type { DrainState } from '../endpoints/health/drain-state.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const SERVER_OPTIONS = {
  // The longest credential that is answered, not cut off: a header of 100 kB still gets its 401.
  maxHeaderSize: 160 * 1024,
  // By default the second of two Authorization headers is dropped in silence.
  joinDuplicateHeaders: true,
  // A client that sends a request in drops does not hold a connection for long.
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  // Longer than load balancers keep theirs, so that it is never us who close one that they reuse.
  keepAliveTimeout: 72_000,
};

/**
 * Makes the one HTTP server. Requests for the data plane's paths go to it before Nest's instance
 * sees them; until `open` is called there are none.
 */
export class DataPlaneHandover {
  #paths: ReadonlySet<string> = new Set();
  #subRequestPaths: readonly string[] = [];
  #dataPlane: Handler | undefined;

  /** @param tls what the server terminates TLS with; null: it does not */
  constructor(
    private readonly drainState: DrainState,
    private readonly tls: Config['tls'],
  ) {}

  /** For Fastify's `serverFactory`. */
  createServer(controlPlane: Handler): Server {
    const handle: Handler = (request, response) => {
      // Who keeps a connection to a process on its way out would be cut off in the middle.
      if (this.drainState.draining) response.setHeader('connection', 'close');
      if (this.#dataPlane !== undefined && this.#isForDataPlane(request)) {
        this.#dataPlane(request, response);
      } else {
        controlPlane(request, response);
      }
    };
    return this.tls === null
      ? createServer(SERVER_OPTIONS, handle)
      : createTlsServer({ ...SERVER_OPTIONS, ...tlsOptions(this.tls) }, handle);
  }

  /**
   * Starts handing over; `dataPlane` must be ready.
   * @param subRequestPaths paths that gateways may put an end client's URL behind
   */
  open(
    dataPlane: FastifyInstance,
    paths: readonly string[],
    subRequestPaths: readonly string[],
  ): void {
    this.#paths = new Set([...paths, ...subRequestPaths]);
    this.#subRequestPaths = subRequestPaths;
    this.#dataPlane = (request, response) => dataPlane.routing(request, response);
  }

  #isForDataPlane(request: IncomingMessage): boolean {
    const url = request.url ?? '';
    if (this.#paths.has(url)) return true;
    const path = this.#subRequestPaths.find((one) => isBelow(url, one));
    if (path !== undefined) {
      routeTo(path, request);
      return true;
    }
    const query = url.indexOf('?');
    return query !== -1 && this.#paths.has(url.slice(0, query));
  }
}

function tlsOptions({ certificate, privateKey }: NonNullable<Config['tls']>) {
  return {
    cert: certificate,
    key: privateKey.reveal(),
    // A client need not have one, and whoever has issued it: each key says what is good for it.
    requestCert: true,
    rejectUnauthorized: false,
    // A session that is taken up again by a ticket knows the client's certificate, not its chain.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** Whether `url` is `path`, or has a query, a path or path parameters (RFC 3986 §3.3) behind it. */
function isBelow(url: string, path: string): boolean {
  return (
    url.startsWith(path) && (url.length === path.length || '/?;'.includes(url.charAt(path.length)))
  );
}

/** As Fastify's `rewriteUrl` does: what stands behind is the end client's, and not to be decoded. */
function routeTo(path: string, request: IncomingMessage & { originalUrl?: string }): void {
  request.originalUrl = request.url ?? '';
  request.url = path;
}
