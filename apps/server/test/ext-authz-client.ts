import { type Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { loadAuthorizationService } from '../src/ext-authz/load-authorization-service.js';

export interface EndClientsRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of `headers`, as Envoy sends them with `encode_raw_headers`. */
  readonly rawHeaders?: readonly (readonly [name: string, value: string])[];
  /** The address that Envoy was connected to from; null: a Unix socket. */
  readonly peer?: string | null;
  /** The end client's, percent-encoded PEM, as Envoy tells it with `include_peer_certificate`. */
  readonly certificate?: string;
  /** `context_extensions` of the route. */
  readonly requirement?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface CheckAnswer {
  readonly code: number;
  readonly httpStatus: number | undefined;
  /** For the upstream, or for the end client of what is denied. */
  readonly headers: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
  readonly actions: readonly string[];
  readonly body: string | undefined;
}

interface HeaderOption {
  readonly header: { readonly key: string; readonly value?: string };
  readonly append_action: string;
  readonly keep_empty_value?: boolean;
}

/** `CheckResponse` of the proto files, as far as it is read; proto3 leaves out what is 0. */
interface CheckResponse {
  readonly status: { readonly code?: number };
  readonly ok_response?: {
    readonly headers?: HeaderOption[];
    readonly headers_to_remove?: readonly string[];
  };
  readonly denied_response?: {
    readonly status: { readonly code: string };
    readonly headers?: HeaderOption[];
    readonly body?: string;
  };
}

/** The client that is made from the proto files at run time. */
interface AuthorizationClient extends Client {
  Check(
    request: object,
    options: { readonly deadline: number },
    callback: (error: ServiceError | null, response: CheckResponse) => void,
  ): void;
}

const HOST = 'api.example.com';

/** Asks as Envoy does: the fields that its ext_authz filter fills. */
export class ExtAuthzClient {
  readonly #client: AuthorizationClient;

  constructor(port: number) {
    const Authorization = loadAuthorizationService();
    const client: Client = new Authorization(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#client = client as AuthorizationClient;
  }

  check(request: EndClientsRequest = {}, deadlineMs = 20_000): Promise<CheckAnswer> {
    return this.send(asEnvoySendsIt(request), deadlineMs);
  }

  /** @throws the ServiceError where the call fails */
  send(request: object, deadlineMs = 20_000): Promise<CheckAnswer> {
    return new Promise((resolve, reject) => {
      this.#client.Check(request, { deadline: Date.now() + deadlineMs }, (error, response) =>
        error === null ? resolve(read(response)) : reject(error),
      );
    });
  }

  /** Sends exactly these bytes as the request. */
  sendBytes(bytes: Buffer): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        '/envoy.service.auth.v3.Authorization/Check',
        (same: Buffer) => same,
        (same: Buffer) => same,
        bytes,
        (error, response) => (error === null ? resolve(response) : reject(error)),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

function asEnvoySendsIt(request: EndClientsRequest): object {
  const { method = 'GET', path = '/', peer = '192.0.2.7', body, rawHeaders } = request;
  const pseudo = { ':authority': HOST, ':method': method, ':path': path, ':scheme': 'https' };
  return {
    attributes: {
      source: { address: addressOf(peer, 43210), certificate: request.certificate ?? '' },
      destination: { address: addressOf('10.0.0.9', 443) },
      request: {
        time: { seconds: 1_790_000_000, nanos: 0 },
        http: {
          id: '7240935628142',
          method,
          path,
          host: HOST,
          scheme: 'https',
          size: -1,
          protocol: 'HTTP/2',
          ...(body !== undefined && { body }),
          ...(rawHeaders === undefined
            ? { headers: { ...pseudo, ...request.headers } }
            : {
                header_map: {
                  headers: [...Object.entries(pseudo), ...rawHeaders].map(([key, value]) => ({
                    key,
                    raw_value: Buffer.from(value, 'latin1'),
                  })),
                },
              }),
        },
      },
      context_extensions: request.requirement ?? {},
      metadata_context: {},
      route_metadata_context: {},
    },
  };
}

function addressOf(address: string | null, port: number): object {
  return address === null
    ? { pipe: { path: '/run/envoy.sock' } }
    : { socket_address: { address, port_value: port } };
}

function read({ status, ok_response, denied_response }: CheckResponse): CheckAnswer {
  const options = (ok_response ?? denied_response)?.headers ?? [];
  return {
    code: status.code ?? 0,
    httpStatus: denied_response && HTTP_STATUSES[denied_response.status.code],
    headers: Object.fromEntries(options.map(({ header }) => [header.key, header.value ?? ''])),
    removed: ok_response?.headers_to_remove ?? [],
    actions: options.map(
      ({ append_action, keep_empty_value }) => `${append_action} ${String(keep_empty_value)}`,
    ),
    body: denied_response?.body,
  };
}

/** The names in Envoy's list, which the decoder yields. */
const HTTP_STATUSES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  InternalServerError: 500,
};
