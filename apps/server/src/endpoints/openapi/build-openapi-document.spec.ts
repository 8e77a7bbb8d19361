import * as contracts from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, type INestApplication, Post } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ApiCreatedResponse } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { ApiProblems } from '../../http/api-problems.js';
import { Public, RequireScope } from '../../http/route-access.js';
import { buildOpenApiDocument } from './build-openapi-document.js';
import { componentsOf, toJsonSchema } from './json-schema-components.js';

const inner = z.strictObject({ count: z.number().int().positive() }).meta({ id: 'Inner' });
const created = z.strictObject({ inner, kind: z.literal('made') }).meta({ id: 'Created' });

@Controller('things')
class ThingsController {
  @Post()
  @RequireScope('countersign:keys:write')
  @ApiCreatedResponse({ standardSchema: created })
  create(@Body({ schema: z.strictObject({ inner }) }) _body: unknown): void {}

  @Get()
  @Public()
  @ApiProblems('not_found')
  list(): void {}
}

describe('buildOpenApiDocument', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [ThingsController] }).compile();
    app = module.createNestApplication(new FastifyAdapter(), { logger: false });
    await app.init();
  });

  afterAll(async () => {
    await app.close();
  });

  it('should be OpenAPI 3.1 with schemas of draft 2020-12, not of OpenAPI 3.0', () => {
    const { openapi, components } = buildOpenApiDocument(app);

    expect(openapi).toBe('3.1.0');
    expect(components?.schemas?.['Inner']).toMatchObject({
      type: 'object',
      properties: { count: { type: 'integer', exclusiveMinimum: 0 } },
    });
  });

  it('should refer to components that exist', () => {
    const document = buildOpenApiDocument(app);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, reference = ''] of references) {
      expect(reference).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(document.components?.schemas).toHaveProperty(reference.split('/').at(-1) ?? '');
    }
  });

  it('should show who may call what', () => {
    const { paths, components } = buildOpenApiDocument(app);

    expect(paths['/things']?.post?.security).toEqual(
      expect.arrayContaining([
        { api_key: ['countersign:keys:write'] },
        { bearer: ['countersign:keys:write'] },
      ]),
    );
    expect(paths['/things']?.get?.security).toBeUndefined();
    expect(Object.keys(components?.securitySchemes ?? {})).toEqual(['api_key', 'bearer', 'basic']);
  });

  it('should take in routes that Nest does not know', () => {
    const post = { operationId: 'introspect', responses: { 200: { description: 'x' } } };
    const document = buildOpenApiDocument(
      app,
      { '/introspect': { post } },
      componentsOf([contracts.introspectionResponse], 'output'),
    );

    expect(document.paths['/introspect']?.post).toEqual(post);
    expect(document.components?.schemas).toHaveProperty('Principal');
  });

  it('should refuse two descriptions of one operation or of one component', () => {
    expect(() => buildOpenApiDocument(app, { '/things': { post: {} } })).toThrow(
      'post /things is described twice',
    );
    expect(() => buildOpenApiDocument(app, {}, { Inner: { type: 'string' } })).toThrow(
      /Inner is described in two ways/,
    );
  });

  it('should get one description of each component from the schemas of the wire', () => {
    const schemas = Object.values(contracts).filter((value) => value instanceof z.ZodType);
    const output = componentsOf(schemas, 'output');
    for (const schema of schemas) {
      for (const component of Object.values(toJsonSchema(schema, 'output').components)) {
        expect(Object.values(output)).toContainEqual(component);
      }
    }
  });
});
