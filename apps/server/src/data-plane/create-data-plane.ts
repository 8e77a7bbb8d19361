import { METHODS } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { JSON_MEDIA_TYPE } from '../http/body-parsers.js';
import { ProblemException } from '../http/problem.js';
import { readJson } from '../http/read-json.js';
import { answerFailure, toOAuthFailure } from './answer-failure.js';
import { answerProblem } from './answer-problem.js';
import { answerTextFailure } from './answer-text-failure.js';
import type {
  AnyDataPlaneRoute,
  DataPlaneRoute,
  FormRequest,
  JsonDataPlaneRoute,
} from './data-plane-route.js';
import { FormParameters } from './form-parameters.js';
import { OAuthFailure } from './oauth-failure.js';
import type { ToldFailure } from './report-failure.js';
import { BODY_LIMIT_BYTES, toDataPlaneProblem } from './to-data-plane-problem.js';
import type { SubRequestRoute } from './sub-request-route.js';

const FORM = 'application/x-www-form-urlencoded';

type OnFailure = (failure: ToldFailure, error: unknown, request: FastifyRequest) => void;

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
 * The Fastify instance of the hot endpoints. It has none of the hooks that Nest puts before its own
 * routes; what it shares with Nest is the HTTP server and the objects behind the handlers.
 */
export function createDataPlane({
  routes,
  subRequestRoutes,
  trustedProxies,
  metadataUrl,
  onFailure,
}: DataPlaneOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  // Each kind in a context of its own: a form endpoint reads no JSON, and the other way around.
  void app.register(async (context) => {
    readForms(context);
    answerErrorsAsOAuth(context, onFailure, metadataUrl);
    for (const route of routes) if (isFormRoute(route)) addFormRoute(context, route);
  });
  for (const [errors, answer] of Object.entries(JSON_ERROR_ANSWERS)) {
    void app.register(async (context) => {
      readJsonBodies(context);
      answerErrorsBy(answer, context, onFailure, metadataUrl);
      for (const route of routes) {
        if (!isFormRoute(route) && route.errors === errors) addJsonRoute(context, route);
      }
    });
  }
  addUnusualMethods(app);
  void app.register(async (context) => {
    answerErrorsAsOAuth(context, onFailure);
    for (const route of subRequestRoutes) addSubRequestRoute(context, route);
  });
  return app;
}

const JSON_ERROR_ANSWERS = {
  problem: answerProblem,
  text: answerTextFailure,
} satisfies Record<JsonDataPlaneRoute['errors'], unknown>;

function isFormRoute(route: AnyDataPlaneRoute): route is DataPlaneRoute {
  return route.errors === undefined || route.errors === 'oauth';
}

function readForms(context: FastifyInstance): void {
  context.addContentTypeParser<string>(FORM, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, new FormParameters(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

function readJsonBodies(context: FastifyInstance): void {
  context.addContentTypeParser<Buffer>(
    JSON_MEDIA_TYPE,
    { parseAs: 'buffer' },
    (_request, body, done) => {
      const reading = readJson(body);
      if (reading.ok) done(null, reading.value);
      else done(new ProblemException('malformed_request', reading.detail));
    },
  );
}

/** @param metadataUrl of our own API; undefined: it is somebody else's that is asked for */
function answerErrorsAsOAuth(
  context: FastifyInstance,
  onFailure: OnFailure,
  metadataUrl?: string,
): void {
  context.setErrorHandler((error, request, reply) => {
    const sorted = toOAuthFailure(error);
    const failure = metadataUrl === undefined ? sorted : sorted.pointingTo(metadataUrl);
    onFailure(failure, error, request);
    return answerFailure(reply, failure);
  });
}

function answerErrorsBy(
  answer: (reply: FastifyReply, problem: ProblemException) => void,
  context: FastifyInstance,
  onFailure: OnFailure,
  metadataUrl: string,
): void {
  context.setErrorHandler((error, request, reply) => {
    const problem = toDataPlaneProblem(
      error instanceof OAuthFailure ? error.pointingTo(metadataUrl) : error,
    );
    const { code, detail: description } = problem;
    onFailure({ status: problem.getStatus(), code, description }, error, request);
    answer(reply, problem);
  });
}

function addFormRoute(context: FastifyInstance, route: DataPlaneRoute): void {
  context.post(route.path, (request, reply) => {
    if (request.body === undefined || request.body === null) {
      throw new OAuthFailure('invalid_request', `the body must be form-encoded: ${FORM}`);
    }
    return route.handle(request as FormRequest, reply);
  });
  refuseOtherMethods(context, route.path);
}

function addJsonRoute(context: FastifyInstance, route: JsonDataPlaneRoute): void {
  context.post(route.path, (request, reply) => route.handle(request, reply));
  refuseOtherMethods(context, route.path);
}

function refuseOtherMethods(context: FastifyInstance, url: string): void {
  context.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url,
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
