import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { constants } from 'node:crypto';
import { createServer as createTlsServer } from 'node:https';
import type { Config } from '../config/config.js';
import type { DrainState } from '../endpoints/health/drain-state.js';
import type { DataPlane } from './data-plane.js';
import { hasBody } from './has-body.js';
import { IdleConnections } from './idle-connections.js';
import { IDLE_TIMEOUT_MS } from './idle-timeout.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const SERVER_OPTIONS = {
  // The longest credential that is answered, not cut off: a header of 100 kB still gets its 401.
  maxHeaderSize: 160 * 1024,
  // By default the second of two Authorization headers is dropped in silence.
  joinDuplicateHeaders: true,
  // A client that sends a request in drops does not hold a connection for long.
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  // Idle connections are closed by a sweep, which costs a request nothing.
  keepAliveTimeout: 0,
  // A request that announces no body gets no stream, whose end takes a twentieth of a small request.
  optimizeEmptyRequests: true,
};

const IDLE_TIMES = { timeoutMs: IDLE_TIMEOUT_MS, sweepIntervalMs: 5_000 };

/**
 * Makes the one HTTP server. Requests for the data plane's paths go to it before Nest's instance
 * sees them; until `open` is called there are none.
 */
export class DataPlaneHandover {
  #dataPlane: DataPlane | undefined;

  /**
   * @param tls what the server terminates TLS with; null: it does not
   * @param idleTimes when idle connections are closed, and how often they are looked for
   */
  constructor(
    private readonly drainState: Pick<DrainState, 'draining'>,
    private readonly tls: Config['tls'],
    private readonly idleTimes = IDLE_TIMES,
  ) {}

  /** For Fastify's `serverFactory`. */
  createServer(controlPlane: Handler): Server {
    const handle: Handler = (request, response) => {
      // Who keeps a connection to a process on its way out would be cut off in the middle.
      if (this.drainState.draining) response.shouldKeepAlive = false;
      const serve = this.#dataPlane?.serverOf(request.url ?? '');
      if (serve !== undefined) {
        serve(request, response);
        return;
      }
      // Fastify would wait for the end of a body of this type, which is not heard of.
      if (!hasBody(request)) delete request.headers['content-type'];
      controlPlane(request, response);
    };
    const server =
      this.tls === null
        ? createServer(SERVER_OPTIONS, handle)
        : createTlsServer({ ...SERVER_OPTIONS, ...tlsOptions(this.tls) }, handle);
    const { timeoutMs, sweepIntervalMs } = this.idleTimes;
    const event = this.tls === null ? 'connection' : 'secureConnection';
    new IdleConnections(server, event, timeoutMs).sweepEvery(sweepIntervalMs);
    return server;
  }

  /** Starts handing over. */
  open(dataPlane: DataPlane): void {
    this.#dataPlane = dataPlane;
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
