import { oauthError, problem } from '@countersign/contracts';
import type { AnyDataPlaneRoute } from '../../data-plane/data-plane-route.js';
import { PROBLEM_MEDIA_TYPE } from '../../http/api-problems.js';
import { PREFER_PARAMETER } from '../../http/preferred-wait.js';
import { API_KEY_SECURITY, BEARER_SECURITY } from '../../http/route-access.js';
import { BASIC_SECURITY, type ExtraPaths } from './build-openapi-document.js';
import { type JsonObject, toJsonSchema } from './json-schema-components.js';

export interface DescribedDataPlane {
  readonly paths: ExtraPaths;
  readonly schemas: Readonly<Record<string, JsonObject>>;
}

/** How routes that tell their errors in one way take their requests, and what an error looks like. */
interface Manner {
  readonly tag: string;
  readonly requestMediaType: string;
  readonly error: { readonly mediaType: string; readonly schema: JsonObject };
  /** For a body that was read, and is wrong. */
  readonly invalidStatus: 400 | 422;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
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

const PREFER = { ...PREFER_PARAMETER, in: 'header' };

/** The routes of the data plane for the OpenAPI document, by the schemas that they answer to. */
export function describeDataPlane(routes: readonly AnyDataPlaneRoute[]): DescribedDataPlane {
  const schemas: Record<string, JsonObject> = {};
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const { access, operation } = route;
    const manner = mannerOf(route.errors, schemas);
    const request = register(schemas, toJsonSchema(operation.request, 'input'));
    const scopes = access.kind === 'scope' ? [access.scope] : [];
    paths[route.path] = {
      post: {
        operationId: operation.id,
        summary: operation.summary,
        description: operation.specification,
        tags: [manner.tag],
        security: [API_KEY_SECURITY, BEARER_SECURITY, BASIC_SECURITY].map((name) => ({
          [name]: scopes,
        })),
        parameters: operation.heedsWait === true ? [DPOP_HEADER, PREFER] : [DPOP_HEADER],
        requestBody: {
          required: true,
          content: { [manner.requestMediaType]: { schema: request } },
        },
        responses: { 200: answerOf(operation, schemas), ...errorsOf(route, manner) },
      },
    };
  }
  return { paths, schemas };
}

function mannerOf(
  errors: AnyDataPlaneRoute['errors'],
  schemas: Record<string, JsonObject>,
): Manner {
  switch (errors) {
    case 'problem': {
      const schema = register(schemas, toJsonSchema(problem, 'output'));
      const error = { mediaType: PROBLEM_MEDIA_TYPE, schema };
      return { tag: 'decisions', requestMediaType: JSON_TYPE, error, invalidStatus: 422 };
    }
    case 'text': {
      const error = { mediaType: 'text/plain', schema: { type: 'string' } };
      return { tag: 'authzen', requestMediaType: JSON_TYPE, error, invalidStatus: 400 };
    }
    case 'oauth':
    case undefined: {
      const schema = register(schemas, toJsonSchema(oauthError, 'output'));
      const error = { mediaType: JSON_TYPE, schema };
      return { tag: 'oauth', requestMediaType: FORM_TYPE, error, invalidStatus: 400 };
    }
  }
}

function answerOf(
  { response, alternative }: AnyDataPlaneRoute['operation'],
  schemas: Record<string, JsonObject>,
): JsonObject {
  const content = { [JSON_TYPE]: { schema: register(schemas, toJsonSchema(response, 'output')) } };
  if (alternative === undefined) return { description: 'What was asked for.', content };
  const { mediaType, description } = alternative;
  return {
    description: `What was asked for; as \`${mediaType}\`, ${description}.`,
    content: { ...content, [mediaType]: { schema: { type: 'string' } } },
  };
}

function errorsOf({ access }: AnyDataPlaneRoute, manner: Manner): JsonObject {
  const { requestMediaType, invalidStatus } = manner;
  const { mediaType, schema } = manner.error;
  const error = (description: string) => ({ description, content: { [mediaType]: { schema } } });
  return {
    400: error('The request is wrong.'),
    401: error('No valid credential was presented.'),
    ...(access.kind === 'scope' && { 403: error('The scope is missing.') }),
    413: error('The body is too large.'),
    415: error(`The body is not ${requestMediaType}.`),
    ...(invalidStatus === 422 && { 422: error('The body could be read, and is not valid.') }),
    503: error('It cannot be told now; see Retry-After.'),
  };
}

function register(
  schemas: Record<string, JsonObject>,
  { schema, components }: ReturnType<typeof toJsonSchema>,
): JsonObject {
  Object.assign(schemas, components);
  return schema;
}
