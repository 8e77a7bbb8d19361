import { oauthError } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

interface Operation {
  readonly security: object[];
  readonly requestBody: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content: Record<string, unknown> }>;
}

let service: ServiceUnderTest;
let text: string;
let document: {
  paths: Record<string, { post: Operation; get: Operation }>;
  components: { schemas: Record<string, unknown> };
};

beforeAll(async () => {
  service = await startServiceUnderTest();
  const answer = await service.http.get('/openapi.json');
  text = answer.text;
  document = answer.json;
});

afterAll(() => service.stop());

describe('the OpenAPI document of the service', () => {
  it.each([
    ['/introspect', FORM, JSON_TYPE],
    ['/token', FORM, JSON_TYPE],
    ['/revoke', FORM, JSON_TYPE],
    ['/v1/verify', JSON_TYPE, 'application/problem+json'],
    ['/v1/introspect/batch', JSON_TYPE, 'application/problem+json'],
    ['/access/v1/evaluation', JSON_TYPE, 'text/plain'],
    ['/access/v1/evaluations', JSON_TYPE, 'text/plain'],
  ])('has %s, as %s, with errors as %s', async (path, request, error) => {
    const operation = document.paths[path]?.post;
    expect(Object.keys(operation?.requestBody.content ?? {})).toEqual([request]);
    expect(Object.keys(operation?.responses['401']?.content ?? {})).toEqual([error]);
    expect(operation?.security).toHaveLength(3);
    // What is documented is what is served.
    const answer = await service.http.call(path, {
      method: 'POST',
      headers: { 'content-type': request },
      body: request === FORM ? 'token=x&grant_type=client_credentials' : '{}',
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain(error);
    if (request === FORM) expect(() => oauthError.parse(answer.json)).not.toThrow();
  });

  it('RFC 6750 §3.1: has /forward-auth say nothing to who presents no credential, as it does', async () => {
    const { content } = document.paths['/forward-auth']?.get.responses['401'] ?? { content: {} };
    expect(content[JSON_TYPE]).toMatchObject({
      schema: { anyOf: expect.arrayContaining([{ type: 'object', maxProperties: 0 }]) },
    });
    expect((await service.http.get('/forward-auth')).json).toEqual({});
  });

  it('has the signed answers of introspection', () => {
    const content = document.paths['/introspect']?.post.responses['200']?.content;
    expect(Object.keys(content ?? {})).toEqual([JSON_TYPE, 'application/token-introspection+jwt']);
  });

  it('refers to schemas that are in it, and describes scope expressions by themselves', () => {
    const references = text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    const names = [...references].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) expect(document.components.schemas).toHaveProperty(name);
    const expression = JSON.stringify(document.components.schemas['ScopeExpression']);
    expect(expression).toContain('"#/components/schemas/ScopeExpression"');
  });
});
