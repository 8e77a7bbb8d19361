import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { answerWith, type Representation, representationOf } from '../representation.js';

const DOCS_PATH = '/docs';

/**
 * What Swagger UI needs and no more: its own files, the styles that its page and its components
 * carry inline, icons as data URLs, and calls to this service.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const DOCS_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/**
 * Serves the document at `/openapi.json` and, for people, at `/docs`, by Swagger UI from this
 * machine's own files. Both are public and outside Nest's guards. Call it before `app.init()`
 * makes the routes final.
 * @param build makes the document, at the first request for it: most processes are never asked, and
 *   what it takes in memory stays with V8's heap
 */
export function serveOpenApi(app: NestFastifyApplication, build: () => OpenAPIObject): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (route.url === DOCS_PATH || route.url.startsWith(`${DOCS_PATH}/`)) addDocsHeaders(route);
  });
  let document: OpenAPIObject | undefined;
  let representation: Representation | undefined;
  fastify.get('/openapi.json', (request: FastifyRequest, reply: FastifyReply) => {
    representation ??= representationOf((document ??= build()), 'application/json');
    const ifNoneMatch = request.headers['if-none-match'];
    return reply.send(answerWith(reply, representation, ifNoneMatch, 'no-cache'));
  });
  SwaggerModule.setup(DOCS_PATH, app, () => (document ??= build()), {
    raw: false,
    customSiteTitle: 'Countersign',
    // No validator: it would send the document's address to a third party.
    swaggerOptions: { validatorUrl: 'none', persistAuthorization: false },
  });
}

/** By a hook of each route, so that no other route pays for it. */
function addDocsHeaders(route: RouteOptions): void {
  const hooks = [route.onRequest ?? []].flat();
  route.onRequest = [
    ...hooks,
    (_request, reply, done) => {
      reply.headers(DOCS_HEADERS);
      done();
    },
  ];
}
