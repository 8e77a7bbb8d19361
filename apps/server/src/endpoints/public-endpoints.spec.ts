import { type ResourceServerPolicy, ResourceServers } from '@countersign/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CONFIG } from '../config/config.js';
import { ROUTE_ACCESS } from '../http/route-access.js';
import { Metrics } from '../observability/metrics.js';
import { AuthorizationServerMetadataController } from './authorization-server-metadata/authorization-server-metadata.controller.js';
import { AuthzenConfigurationController } from './authzen/authzen-configuration.controller.js';
import { DrainState } from './health/drain-state.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { READINESS_PROBES, type ReadinessProbe } from './health/readiness-probe.js';
import { JwksController } from './jwks/jwks.controller.js';
import { PublishedKeys } from './jwks/published-keys.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { buildOpenApiDocument } from './openapi/build-openapi-document.js';
import { PublishedMetadata } from './protected-resource-metadata/published-metadata.js';
import { ResourceMetadataController } from './protected-resource-metadata/resource-metadata.controller.js';
import { ProtectedResourceMetadataController } from './protected-resource-metadata/protected-resource-metadata.controller.js';
import { serveOpenApi } from './openapi/serve-openapi.js';

const CONTROLLERS = [
  HealthController,
  MetricsController,
  JwksController,
  AuthorizationServerMetadataController,
  ProtectedResourceMetadataController,
  ResourceMetadataController,
  AuthzenConfigurationController,
];

class FakeKeys extends PublishedKeys {
  set = { keys: [{ kty: 'EC', kid: 'a', crv: 'P-256', x: 'x', y: 'y' }] };
  jwks() {
    return this.set;
  }
}

describe('public endpoints', () => {
  const keys = new FakeKeys();
  const drainState = new DrainState();
  let registered: ResourceServerPolicy[] = [];
  const resourceServers = new ResourceServers(async () => registered);
  let databaseIsUp = true;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const probes: ReadinessProbe[] = [
      { check: 'database', isReady: () => databaseIsUp },
      { check: 'change_feed', isReady: () => true },
      { check: 'signing_keys', isReady: () => true },
    ];
    const module = await Test.createTestingModule({
      controllers: CONTROLLERS,
      providers: [
        {
          provide: CONFIG,
          useValue: {
            issuer: 'https://auth.example.com/eu',
            tls: null,
            clientCertificates: { header: null, authorities: [] },
            extAuthzPort: null,
          },
        },
        { provide: PublishedKeys, useValue: keys },
        { provide: READINESS_PROBES, useValue: probes },
        { provide: DrainState, useValue: drainState },
        Metrics,
        Readiness,
        PublishedMetadata,
        { provide: ResourceServers, useValue: resourceServers },
      ],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
      logger: false,
    });
    serveOpenApi(app, () => buildOpenApiDocument(app));
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });

  afterAll(async () => {
    await app.close();
  });

  it('should be declared public, every one', () => {
    for (const controller of CONTROLLERS) {
      expect(Reflect.getMetadata(ROUTE_ACCESS, controller)).toEqual({ kind: 'public' });
    }
  });

  describe('GET /health/live', () => {
    it('should answer 200 and look at nothing', async () => {
      databaseIsUp = false;
      const answer = await app.inject('/health/live');
      databaseIsUp = true;

      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ status: 'live' });
      expect(answer.headers['cache-control']).toBe('no-store');
    });
  });

  describe('GET /health/ready', () => {
    const up = { database: 'up', change_feed: 'up', signing_keys: 'up' };

    it('should answer 200, then 503 while something is down', async () => {
      const ready = await app.inject('/health/ready');
      expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', checks: up }]);

      databaseIsUp = false;
      await new Promise((resolve) => setTimeout(resolve, 510));
      const down = await app.inject('/health/ready');
      databaseIsUp = true;
      expect([down.statusCode, down.json()]).toEqual([
        503,
        { status: 'not_ready', checks: { ...up, database: 'down' } },
      ]);
      expect(down.headers['cache-control']).toBe('no-store');
    });
  });

  describe('GET /metrics', () => {
    it('should answer in Prometheus’s text format', async () => {
      const answer = await app.inject('/metrics');

      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(answer.body).toContain('# TYPE countersign_introspections_total counter');
      expect(answer.headers['cache-control']).toBe('no-store');
    });
  });

  describe('GET /.well-known/jwks.json', () => {
    const url = '/.well-known/jwks.json';

    it('RFC 7517 §8.5.2: should answer with the registered media type and be cacheable', async () => {
      const answer = await app.inject(url);

      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual(keys.set);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/jwk-set+json',
        'cache-control': 'public, max-age=300',
        etag: expect.stringMatching(/^"[\w-]{43}"$/),
      });
    });

    it('should answer 304 without body to whom has it', async () => {
      const { etag } = (await app.inject(url)).headers as { etag: string };
      for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const answer = await app.inject({ url, headers: { 'if-none-match': tags } });
        expect([answer.statusCode, answer.body]).toEqual([304, '']);
        expect(answer.headers).toMatchObject({ etag, 'cache-control': 'public, max-age=300' });
      }
      const other = await app.inject({ url, headers: { 'if-none-match': '"other"' } });
      expect(other.statusCode).toBe(200);
    });

    it('should answer HEAD like GET', async () => {
      const answer = await app.inject({ method: 'HEAD', url });
      expect([answer.statusCode, answer.body]).toEqual([200, '']);
      expect(answer.headers['content-type']).toBe('application/jwk-set+json');
    });

    it('should change with the keys', async () => {
      const before = (await app.inject(url)).headers.etag;
      keys.set = {
        keys: [...keys.set.keys, { kty: 'EC', kid: 'b', crv: 'P-256', x: 'x', y: 'y' }],
      };
      const answer = await app.inject({ url, headers: { 'if-none-match': String(before) } });

      expect(answer.statusCode).toBe(200);
      expect(answer.json<{ keys: unknown[] }>().keys).toHaveLength(2);
    });
  });

  describe('GET /.well-known/oauth-authorization-server', () => {
    const url = '/.well-known/oauth-authorization-server';

    it('RFC 8414 §3.1, §3.2: should answer there, and between host and path of the issuer', async () => {
      for (const path of [url, `${url}/eu`]) {
        const answer = await app.inject(path);
        expect(answer.statusCode).toBe(200);
        expect(answer.headers['content-type']).toBe('application/json');
        expect(answer.json()).toMatchObject({ issuer: 'https://auth.example.com/eu' });
      }
    });

    it('RFC 8414 §3: should answer 404 for another issuer', async () => {
      for (const path of [`${url}/us`, `${url}/eu/x`, `${url}/`]) {
        expect((await app.inject(path)).statusCode).toBe(404);
      }
    });
  });

  it('RFC 9728 §4: should list the resources that have metadata, and no others', async () => {
    const listed = async () =>
      (await app.inject('/.well-known/oauth-authorization-server')).json().protected_resources;
    await register('https://api.example.com', {});
    expect(await listed()).toEqual(['https://auth.example.com/eu', 'https://api.example.com']);
    await register('https://api.example.com', undefined);
    expect(await listed()).toEqual(['https://auth.example.com/eu']);
  });

  describe('GET /.well-known/oauth-protected-resource', () => {
    const url = '/.well-known/oauth-protected-resource';

    it('should answer there, and between host and path of the resource (RFC 9728 §3.1)', async () => {
      for (const path of [url, `${url}/eu`]) {
        const answer = await app.inject(path);
        expect(answer.statusCode).toBe(200);
        expect(answer.headers['content-type']).toBe('application/json');
        expect(answer.json()).toMatchObject({
          resource: 'https://auth.example.com/eu',
          authorization_servers: ['https://auth.example.com/eu'],
          scopes_supported: expect.arrayContaining(['countersign:introspect']),
          bearer_methods_supported: ['header'],
          dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
        });
      }
      expect((await app.inject(`${url}/us`)).statusCode).toBe(404);
    });

    it('should answer for a resource server on the issuer’s host (RFC 9728 §3)', async () => {
      await register('https://auth.example.com/orders', {});
      const answer = await app.inject(`${url}/orders`);
      expect(answer.json()).toMatchObject({ resource: 'https://auth.example.com/orders' });
      expect((await app.inject(`${url}/orders/`)).statusCode).toBe(404);
      expect((await app.inject(url)).json()).toMatchObject({
        resource: 'https://auth.example.com/eu',
      });
    });
  });

  async function register(
    audience: string,
    metadata: object | undefined,
    scopes: string[] = [],
  ): Promise<void> {
    registered = [
      {
        audience,
        scopes,
        accessTokenTtlSeconds: 300,
        signingAlg: 'RS256',
        tokenTyp: 'at+jwt',
        refreshTokens: null,
        protectedResourceMetadata: metadata && { resource_name: 'Orders', ...metadata },
      },
    ];
    await resourceServers.reset();
  }

  describe('GET /resource-metadata/', () => {
    const url = '/resource-metadata/api.example.com/v1';

    it('should say what is registered, and leave out what has no values (RFC 9728 §2, §3.2)', async () => {
      await register('https://api.example.com/v1', {
        resource_documentation: 'https://docs.example.com',
      });
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([
        200,
        'application/json',
      ]);
      expect(answer.json()).toEqual({
        resource: 'https://api.example.com/v1',
        authorization_servers: ['https://auth.example.com/eu'],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
        resource_name: 'Orders',
        resource_documentation: 'https://docs.example.com',
      });
      await register('https://api.example.com/v1', {}, ['read:orders']);
      expect((await app.inject(url)).json()).toMatchObject({ scopes_supported: ['read:orders'] });
    });

    it('should take what identifies a resource octet by octet (RFC 9728 §3.3)', async () => {
      await register('https://api.example.com/v1', {});
      for (const other of [`${url}/`, `${url}/x`, '/resource-metadata/API.example.com/v1']) {
        expect([other, (await app.inject(other)).statusCode]).toEqual([other, 404]);
      }
      await register('https://api.example.com/a%2Fb', {});
      const encoded = await app.inject('/resource-metadata/api.example.com/a%2Fb');
      expect(encoded.json()).toMatchObject({ resource: 'https://api.example.com/a%2Fb' });
      expect((await app.inject('/resource-metadata/api.example.com/a/b')).statusCode).toBe(404);
    });

    it('should say nothing of a resource server that does not want it', async () => {
      await register('https://api.example.com/v1', undefined);
      expect((await app.inject(url)).statusCode).toBe(404);
      expect((await app.inject('/resource-metadata/')).statusCode).toBe(404);
    });

    it('should be cacheable, and answer 304 to whom has it', async () => {
      await register('https://api.example.com/v1', {});
      const { headers } = await app.inject(url);
      expect(headers['cache-control']).toBe('public, max-age=300');
      const again = await app.inject({ url, headers: { 'if-none-match': String(headers.etag) } });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    });
  });

  describe('GET /.well-known/authzen-configuration', () => {
    const url = '/.well-known/authzen-configuration';

    it('should answer there, and between host and path of the issuer (AuthZEN §9.2)', async () => {
      for (const path of [url, `${url}/eu`]) {
        const answer = await app.inject(path);
        expect(answer.statusCode).toBe(200);
        expect(answer.headers['content-type']).toBe('application/json');
        expect(answer.json()).toEqual({
          policy_decision_point: 'https://auth.example.com/eu',
          access_evaluation_endpoint: 'https://auth.example.com/eu/access/v1/evaluation',
          access_evaluations_endpoint: 'https://auth.example.com/eu/access/v1/evaluations',
        });
      }
      expect((await app.inject(`${url}/us`)).statusCode).toBe(404);
    });
  });

  describe('GET /docs', () => {
    let page: string;

    beforeEach(async () => {
      const answer = await app.inject('/docs');
      expect(answer.statusCode).toBe(200);
      page = answer.body;
    });

    it('should load nothing from elsewhere, and find all of its own files', async () => {
      const references = [...page.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)];
      expect(references.length).toBeGreaterThanOrEqual(4);
      for (const [, reference] of references) {
        const { origin, pathname } = new URL(reference ?? '', 'http://here/docs');
        expect(origin).toBe('http://here');
        expect((await app.inject(pathname)).statusCode).toBe(200);
      }
    });

    it('should have a policy that allows no inline script and no other host', async () => {
      expect(page).not.toMatch(/<script(?![^>]+src=)[^>]*>/);
      for (const path of ['/docs', '/docs/', '/docs/swagger-ui-bundle.js']) {
        const { headers } = await app.inject(path);
        expect(headers['content-security-policy']).toMatch(
          /default-src 'none'; script-src 'self';/,
        );
        expect(headers['x-content-type-options']).toBe('nosniff');
      }
    });

    it('should not put its policy on other routes', async () => {
      const { headers } = await app.inject('/health/live');
      expect(headers).not.toHaveProperty('content-security-policy');
    });
  });

  describe('GET /openapi.json', () => {
    it('should answer with the document, and 304 to whom has it', async () => {
      const answer = await app.inject('/openapi.json');
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.json()).toMatchObject({ openapi: '3.1.0', info: { title: 'Countersign' } });

      const again = await app.inject({
        url: '/openapi.json',
        headers: { 'if-none-match': String(answer.headers.etag) },
      });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    });
  });
});
