import { oauthError } from '@countersign/contracts';
import type { DataPlaneRoute } from '../../data-plane/data-plane-route.js';
import { API_KEY_SECURITY, BEARER_SECURITY } from '../../http/route-access.js';
import { BASIC_SECURITY, type ExtraPaths } from './build-openapi-document.js';
import { type JsonObject, toJsonSchema } from './json-schema-components.js';

export interface DescribedDataPlane {
  readonly paths: ExtraPaths;
  readonly schemas: Readonly<Record<string, JsonObject>>;
}

/** @see RFC 9449 §4.1 */
const DPOP_HEADER = {
  name: 'DPoP',
  in: 'header',
  required: false,
  description:
    'A proof of possession (RFC 9449): at the token endpoint it binds the token to its key, ' +
    'elsewhere it goes with `Authorization: DPoP`.',
  schema: { type: 'string' },
};

/** The routes of the data plane for the OpenAPI document, by the schemas that they answer to. */
export function describeDataPlane(routes: readonly DataPlaneRoute[]): DescribedDataPlane {
  const schemas: Record<string, JsonObject> = {};
  const paths: Record<string, JsonObject> = {};
  const errorSchema = register(schemas, toJsonSchema(oauthError, 'output'));
  for (const { path, access, operation } of routes) {
    const request = register(schemas, toJsonSchema(operation.request, 'input'));
    const response = register(schemas, toJsonSchema(operation.response, 'output'));
    const scopes = access.kind === 'scope' ? [access.scope] : [];
    paths[path] = {
      post: {
        operationId: operation.id,
        summary: operation.summary,
        description: operation.specification,
        tags: ['oauth'],
        security: [API_KEY_SECURITY, BEARER_SECURITY, BASIC_SECURITY].map((name) => ({
          [name]: scopes,
        })),
        parameters: [DPOP_HEADER],
        requestBody: {
          required: true,
          content: { 'application/x-www-form-urlencoded': { schema: request } },
        },
        responses: {
          200: json('What was asked for.', response),
          400: json('The request is wrong.', errorSchema),
          401: json('No valid credential was presented.', errorSchema),
          ...(access.kind === 'scope' && { 403: json('The scope is missing.', errorSchema) }),
          413: json('The body is too large.', errorSchema),
          415: json('The body is not form-encoded.', errorSchema),
          503: json('It cannot be told now; see Retry-After.', errorSchema),
        },
      },
    };
  }
  return { paths, schemas };
}

function register(
  schemas: Record<string, JsonObject>,
  { schema, components }: ReturnType<typeof toJsonSchema>,
): JsonObject {
  Object.assign(schemas, components);
  return schema;
}

function json(description: string, schema: JsonObject): JsonObject {
  return { description, content: { 'application/json': { schema } } };
}
