import { oauthError } from '@countersign/contracts';
import { API_KEY_SECURITY, BEARER_SECURITY } from '../../http/route-access.js';
import { PRINCIPAL_HEADERS } from '../forward-auth/principal-headers.js';
import { type JsonObject, toJsonSchema } from './json-schema-components.js';

const DESCRIPTION = `For the sub-request of a gateway (nginx, Caddy, Traefik, Envoy, HAProxy, Apache), by any
method, with the end client's credential. The query is the gateway's own; what is in it besides these
parameters is an error. \`X-Forwarded-For\`, \`-Method\` and \`-Uri\` are believed from trusted proxies.`;

const UNAUTHENTICATED = `No valid credential; see WWW-Authenticate. Where none was presented, the body says
nothing (RFC 6750 §3.1).`;
const EMPTY = { type: 'object', maxProperties: 0 };

/** The operations of `/forward-auth` for the OpenAPI document; one method speaks for all. */
export function describeForwardAuth(): JsonObject {
  const { schema: error } = toJsonSchema(oauthError, 'output');
  return {
    get: {
      operationId: 'forwardAuth',
      summary: "May this end client's request go through, and who is it?",
      description: DESCRIPTION,
      tags: ['gateways'],
      security: [{ [API_KEY_SECURITY]: [] }, { [BEARER_SECURITY]: [] }, {}],
      parameters: [
        parameter('scopes', 'all of these must be held; separated by spaces'),
        parameter('audience', "the upstream's audience: a resource server"),
        parameter('optional', '`true`: a request without any credential passes, as nobody'),
      ],
      responses: {
        200: { description: 'It may. There is no body.', headers: headers() },
        401: failure(UNAUTHENTICATED, { anyOf: [error, EMPTY] }),
        403: failure('A scope is missing; see WWW-Authenticate.', error),
        500: failure('The gateway asks wrongly.', error),
        503: failure('It cannot be told now; see Retry-After.', error),
      },
    },
  };
}

function parameter(name: string, description: string): JsonObject {
  return { name, in: 'query', required: false, description, schema: { type: 'string' } };
}

/** @see RFC 3986 §2.1 for how values are encoded */
function headers(): JsonObject {
  const header = { required: true, schema: { type: 'string' } };
  return Object.fromEntries(PRINCIPAL_HEADERS.map((name) => [name, header]));
}

function failure(description: string, schema: JsonObject): JsonObject {
  return { description, content: { 'application/json': { schema } } };
}
