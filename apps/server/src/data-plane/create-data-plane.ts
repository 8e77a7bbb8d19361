import { METHODS } from 'node:http';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { answerFailure, toOAuthFailure } from './answer-failure.js';
import type { DataPlaneRoute, FormRequest } from './data-plane-route.js';
import { FormParameters } from './form-parameters.js';
import { OAuthFailure } from './oauth-failure.js';
import type { SubRequestRoute } from './sub-request-route.js';

const FORM = 'application/x-www-form-urlencoded';
// A token of 100 kB is answered as inactive; what is larger is no token.
const BODY_LIMIT_BYTES = 256 * 1024;

export interface DataPlaneOptions {
  readonly routes: readonly DataPlaneRoute[];
  readonly subRequestRoutes: readonly SubRequestRoute[];
  /** Addresses and CIDR blocks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Told of each request that fails, with what its sender was told. */
  readonly onFailure: (failure: OAuthFailure, error: unknown, request: FastifyRequest) => void;
}

/**
 * The Fastify instance of the hot endpoints. It has none of the hooks that Nest puts before its own
 * routes; what it shares with Nest is the HTTP server and the objects behind the handlers.
 */
export function createDataPlane(options: DataPlaneOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(FORM, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, new FormParameters(body));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, request, reply) => {
    const failure = toOAuthFailure(error);
    options.onFailure(failure, error, request);
    return answerFailure(reply, failure);
  });
  for (const route of options.routes) addRoute(app, route);
  addUnusualMethods(app);
  for (const route of options.subRequestRoutes) addSubRequestRoute(app, route);
  return app;
}

function addRoute(app: FastifyInstance, route: DataPlaneRoute): void {
  app.post(route.path, (request, reply) => {
    if (request.body === undefined || request.body === null) {
      throw new OAuthFailure('invalid_request', `the body must be form-encoded: ${FORM}`);
    }
    return route.handle(request as FormRequest, reply);
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: route.path,
    handler: (_request, reply) => {
      reply.header('allow', 'POST');
      throw new OAuthFailure('invalid_request', 'use POST', { status: 405 });
    },
  });
}

/** Those that Node reads and Fastify does not know: WebDAV's, QUERY, and so on. */
function addUnusualMethods(app: FastifyInstance): void {
  for (const method of METHODS) {
    // Node hands CONNECT to nobody who has not asked for it, and closes the connection.
    if (method === 'CONNECT' || app.supportedMethods.includes(method)) continue;
    app.addHttpMethod(method, { hasBody: true });
  }
}

/**
 * Answers before Fastify reads a body: whatever type and length an end client claims for one that the
 * gateway has kept to itself must not matter.
 */
function addSubRequestRoute(app: FastifyInstance, route: SubRequestRoute): void {
  app.route({
    method: app.supportedMethods,
    url: route.path,
    onRequest: (request, reply, done) => {
      try {
        // oxlint-disable-next-line promise/no-callback-in-promise -- an async hook would cost a promise
        route.handle(request, reply)?.catch(done);
      } catch (error) {
        done(error as Error);
      }
    },
    handler: () => {
      throw new Error('a sub-request was not answered');
    },
  });
}
