import type { ServerResponse } from 'node:http';
import { type AnswerError, answerSubRequestError, errorAnswersOf } from './answer-error.js';
import type { DataPlaneRequest } from './data-plane-request.js';
import type { AnyDataPlaneRoute } from './data-plane-route.js';
import type { FailedRequest, ToldFailure } from './report-failure.js';
import { senderAddressBy } from './sender-address.js';
import type { Refuse, Serve } from './serve.js';
import { serveEndpoint } from './serve-endpoint.js';
import { serveSubRequests } from './serve-sub-requests.js';
import type { SubRequestRoute } from './sub-request-route.js';

type OnFailure = (failure: ToldFailure, error: unknown, request: FailedRequest) => void;

export interface DataPlaneOptions {
  readonly routes: readonly AnyDataPlaneRoute[];
  readonly subRequestRoutes: readonly SubRequestRoute[];
  /** Addresses and CIDR blocks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Where the metadata of our own API is. @see RFC 9728 §5.1 */
  readonly metadataUrl: string;
  /** Told of each request that fails, with what its sender was told. */
  readonly onFailure: OnFailure;
}

/**
 * The hot endpoints, served on node:http by themselves. There is nothing between a request and its handler
 * but what reads the body; what they share with Nest is the HTTP server and the objects behind the handlers.
 */
export class DataPlane {
  readonly #byPath = new Map<string, Serve>();
  readonly #subRequestPaths: readonly string[];

  constructor({
    routes,
    subRequestRoutes,
    trustedProxies,
    metadataUrl,
    onFailure,
  }: DataPlaneOptions) {
    const senderAddress = senderAddressBy(trustedProxies);
    for (const route of routes) {
      const refuse = refuseBy(errorAnswersOf(route, metadataUrl), route.path, onFailure);
      this.#byPath.set(route.path, serveEndpoint(route, senderAddress, refuse));
    }
    for (const route of subRequestRoutes) {
      const refuse = refuseBy(answerSubRequestError, route.path, onFailure);
      this.#byPath.set(route.path, serveSubRequests(route, senderAddress, refuse));
    }
    this.#subRequestPaths = subRequestRoutes.map(({ path }) => path);
  }

  /** What serves a URL: by its path, whatever its query; undefined: none of these endpoints. */
  serverOf(url: string): Serve | undefined {
    const known = this.#byPath.get(url);
    if (known !== undefined) return known;
    const subRequestPath = this.#subRequestPaths.find((path) => isBelow(url, path));
    if (subRequestPath !== undefined) return this.#byPath.get(subRequestPath);
    const query = url.indexOf('?');
    return query === -1 ? undefined : this.#byPath.get(url.slice(0, query));
  }
}

function refuseBy(answerError: AnswerError, route: string, onFailure: OnFailure): Refuse {
  return (request, response, error) => {
    const told = answerIfPossible(answerError, request, response, error);
    onFailure(told, error, { route, requestId: () => request.id });
  };
}

function answerIfPossible(
  answerError: AnswerError,
  request: DataPlaneRequest,
  response: ServerResponse,
  error: unknown,
): ToldFailure {
  try {
    if (!response.headersSent) return answerError(request, response, error);
  } catch {
    // What cannot be answered must not end the process.
  }
  // Half an answer must not pass for a whole one.
  response.destroy();
  return { status: 500, code: 'server_error', description: 'was not answered to its end' };
}

/** Whether `url` is `path`, or has a query, a path or path parameters (RFC 3986 §3.3) behind it. */
function isBelow(url: string, path: string): boolean {
  return (
    url.startsWith(path) && (url.length === path.length || '/?;'.includes(url.charAt(path.length)))
  );
}
