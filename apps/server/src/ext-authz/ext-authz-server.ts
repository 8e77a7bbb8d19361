import {
  type handleUnaryCall,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceError,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js';
import type { AuthorizationCheck } from './authorization-check.js';
import type { CheckRequest } from './check-request.js';
import type { CheckResponse } from './check-response.js';
import { loadAuthorizationService } from './load-authorization-service.js';

// The headers of a request, the longest that Envoy can be told to let through, and its own words.
const MAX_REQUEST_BYTES = 256 * 1024;

const UNAVAILABLE: Partial<ServiceError> = {
  code: status.UNAVAILABLE,
  details: 'it cannot be told now; try again',
};
const INTERNAL: Partial<ServiceError> = { code: status.INTERNAL, details: 'an error on our side' };

/**
 * Envoy's external authorization over gRPC. An error of the call is no decision: Envoy takes it for
 * "no" unless it is told `failure_mode_allow`.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/auth/v3/external_auth.proto
 */
export class ExtAuthzServer {
  readonly #server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });

  constructor(private readonly authorizationCheck: AuthorizationCheck) {
    // It writes to standard error by itself, past the log; what ends the start is thrown as well.
    setLogVerbosity(logVerbosity.NONE);
  }

  /**
   * Listens without encryption.
   * @param host an IP address or a host name
   * @returns the port, which the system has chosen where `port` is 0
   * @throws where the port is taken
   */
  listen(host: string, port: number): Promise<number> {
    const { Check } = loadAuthorizationService().service;
    if (Check === undefined) throw new Error('the protocol files have no Check');
    const responseSerialize = rememberBytes(Check.responseSerialize);
    this.#server.addService({ Check: { ...Check, responseSerialize } }, { Check: this.#check });
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(new Error(`COUNTERSIGN_EXT_AUTHZ_PORT: ${error.message}`, { cause: error }));
      });
    });
  }

  /**
   * Takes no more calls, answers what is in progress, and closes. Calls that take longer than the
   * grace are cut off.
   * @param graceMs milliseconds
   */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    clearTimeout(timer);
  }

  // What is answered after the call's deadline, or after Envoy has given up, goes nowhere.
  readonly #check: handleUnaryCall<CheckRequest, CheckResponse> = ({ request }, answer) => {
    this.authorizationCheck.check(request).then(
      (response) => (response === undefined ? answer(UNAVAILABLE) : answer(null, response)),
      () => answer(INTERNAL),
    );
  };
}

/** To encode a response costs more than to decide on it, and most are handed out many times. */
function rememberBytes(encode: (response: object) => Buffer): (response: object) => Buffer {
  const remembered = new WeakMap<object, Buffer>();
  return (response) => {
    let bytes = remembered.get(response);
    if (bytes === undefined) {
      bytes = encode(response);
      remembered.set(response, bytes);
    }
    return bytes;
  };
}
