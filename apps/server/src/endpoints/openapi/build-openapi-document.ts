import { isDeepStrictEqual } from 'node:util';
import { oauthError, problem } from '@countersign/contracts';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { z } from 'zod';
import { API_KEY_SECURITY, BEARER_SECURITY } from '../../http/route-access.js';
import { componentsOf, type JsonObject, toJsonSchema } from './json-schema-components.js';

/** Security scheme of the OAuth endpoints: the id of a key and the key. */
export const BASIC_SECURITY = 'basic';

/** Operations of routes that Nest does not know, by path and lower-case method. */
export type ExtraPaths = Readonly<Record<string, JsonObject>>;

const DESCRIPTION = `Any credential in, one principal out.

Administrators manage keys under \`/v1\`; clients get tokens at \`/token\`; backends ask at \`/introspect\`,
or verify by themselves with the keys at \`/.well-known/jwks.json\`.`;

/**
 * The OpenAPI 3.1 document: what Nest's controllers declare, and the routes beside them.
 * @param extraPaths for routes that are no controllers
 * @param extraSchemas components that `extraPaths` refers to
 * @throws when two of them describe the same operation, or the same component differently
 */
export function buildOpenApiDocument(
  app: INestApplication,
  extraPaths: ExtraPaths = {},
  extraSchemas: Readonly<Record<string, JsonObject>> = {},
): OpenAPIObject {
  const components: Record<string, JsonObject> = {};
  const document = SwaggerModule.createDocument(app, describeService(), {
    standardSchemaConverter: (schema, { schemaType }) => {
      const converted = toJsonSchema(schema as z.ZodType, schemaType);
      addComponents(components, converted.components);
      return converted;
    },
  });
  addComponents(components, componentsOf([problem, oauthError], 'output'));
  addComponents(components, extraSchemas);
  addPaths(document.paths as Record<string, JsonObject>, extraPaths);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...components },
  };
  return document;
}

function describeService() {
  return new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Countersign')
    .setDescription(DESCRIPTION)
    .setVersion('0.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, API_KEY_SECURITY)
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'an API key or an access token' },
      BEARER_SECURITY,
    )
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'the id of a key, `key_…`, and the API key' },
      BASIC_SECURITY,
    )
    .build();
}

function addComponents(
  components: Record<string, JsonObject>,
  added: Readonly<Record<string, JsonObject>>,
): void {
  for (const [name, schema] of Object.entries(added)) {
    const present = components[name];
    if (present !== undefined && !isDeepStrictEqual(present, schema)) {
      throw new Error(
        `The component ${name} is described in two ways: give what is sent and what is answered ` +
          'an id each.',
      );
    }
    components[name] = schema;
  }
}

function addPaths(paths: Record<string, JsonObject>, added: ExtraPaths): void {
  for (const [path, operations] of Object.entries(added)) {
    const present = (paths[path] ??= {});
    for (const [method, operation] of Object.entries(operations)) {
      if (method in present) throw new Error(`${method} ${path} is described twice`);
      present[method] = operation;
    }
  }
}
