import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scopeSet } from '@countersign/contracts';
import { DependencyUnavailable, type KeyState } from '@countersign/core';
import { Body, Controller, Get, Module, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ClientCertificates } from '../src/client-certificates/client-certificates.js';
import { CONFIG } from '../src/config/config.js';
import { ADAPTER_OPTIONS } from '../src/http/adapter-options.js';
import { useJsonBodies } from '../src/http/body-parsers.js';
import {
  type CallContext,
  type Caller,
  CallerAuthenticator,
  type CallerOutcome,
} from '../src/http/caller-authenticator.js';
import { Created } from '../src/http/created.js';
import { HttpModule } from '../src/http/http.module.js';
import { CurrentCaller } from '../src/http/request-context.js';
import { Authenticated, Public, RequireScope } from '../src/http/route-access.js';

// RFC 9728 §5.1
const OWN =
  'realm="countersign", resource_metadata="https://auth.example.com/.well-known/oauth-protected-resource"';

const NO_CERTIFICATES = {
  tls: null,
  trustedProxies: [],
  clientCertificates: { header: null, authorities: [] },
};
const calls: (CallContext & { credential: string })[] = [];

/** `good` and `admin` are known; `down` and `down-later` meet an outage; anything else is rejected. */
class FakeAuthenticator extends CallerAuthenticator {
  async authenticate(credential: string, context: CallContext): Promise<CallerOutcome> {
    calls.push({ credential, ...context });
    if (credential.startsWith('down')) throw new DependencyUnavailable('database', 7);
    if (credential === 'broken') throw new TypeError('secret inner text');
    if (credential === 'good') return { ok: true, caller: caller(['countersign:keys:read']) };
    if (credential === 'admin') return { ok: true, caller: caller(['countersign:admin']) };
    return { ok: false, code: credential === 'revoked' ? 'credential_revoked' : 'unrecognised' };
  }

  redecide(): never {
    throw new Error('no request here goes on');
  }
}

function caller(scopes: string[]): Caller {
  const principal = { subject: 'prn_1', scopes, credential: { type: 'api_key', id: 'key_1' } };
  return { principal: principal as never, keyState: {} as KeyState };
}

const id = z.string().regex(/^key_\d{3}$/);
const body = z.strictObject({
  name: z.string().min(1).max(5),
  scopes: scopeSet.optional(),
  anything: z.json().optional(),
});
const query = z.strictObject({ limit: z.coerce.number().int().min(1).max(9).default(3) });

@Controller('things')
class ThingsController {
  @Get('open')
  @Public()
  open() {
    return { open: true };
  }

  @Get('mine')
  @Authenticated()
  mine(@CurrentCaller() { principal }: Caller) {
    return { subject: principal.subject };
  }

  @Get('forgotten')
  forgotten() {
    return { leaked: true };
  }

  @Get('unchecked')
  @Public()
  unchecked(@Query() anything: object) {
    return anything;
  }

  @Get('failing')
  @Public()
  failing() {
    throw Object.assign(new Error('password=hunter2'), { parameters: ['hunter2'] });
  }

  @Get('outage')
  @Public()
  outage() {
    throw new DependencyUnavailable('argon2 queue', 3);
  }

  @Get()
  @RequireScope('countersign:keys:read')
  list(@Query({ schema: query }) { limit }: z.infer<typeof query>) {
    return { limit };
  }

  @Get(':id')
  @RequireScope('countersign:keys:read')
  read(@Param('id', { schema: id }) thing: string) {
    return { id: thing };
  }

  @Post()
  @RequireScope('countersign:keys:write')
  create(@Body({ schema: body }) submitted: z.infer<typeof body>) {
    return new Created('/things/key_001', submitted);
  }

  @Patch(':id')
  @RequireScope('countersign:keys:write')
  patch(
    @Param('id', { schema: id }) _id: string,
    @Body({ schema: body }) submitted: object,
    @Res({ passthrough: true }) _reply: FastifyReply,
  ) {
    return submitted;
  }
}

@Module({
  imports: [
    HttpModule,
    {
      module: class Auth {},
      global: true,
      providers: [
        { provide: CallerAuthenticator, useClass: FakeAuthenticator },
        { provide: CONFIG, useValue: { issuer: 'https://auth.example.com' } },
        { provide: ClientCertificates, useValue: new ClientCertificates(NO_CERTIFICATES) },
      ],
      exports: [CONFIG, CallerAuthenticator, ClientCertificates],
    },
  ],
  controllers: [ThingsController],
})
class TestModule {}

let app: NestFastifyApplication;

beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(
    TestModule,
    new FastifyAdapter(ADAPTER_OPTIONS),
    {
      logger: false,
      abortOnError: false,
      bodyParser: false,
    },
  );
  useJsonBodies(app);
  await app.listen(0, '127.0.0.1');
});

afterAll(() => app.close());

const admin = { 'x-api-key': 'admin' };
const json = { ...admin, 'content-type': 'application/json' };

function get(url: string, headers: Record<string, string | string[]> = {}) {
  return app.inject({ method: 'GET', url, headers });
}

function post(payload: string | Buffer, headers: Record<string, string> = json) {
  return app.inject({ method: 'POST', url: '/things', headers, payload });
}

/** Sends exactly these lines: an HTTP client would not repeat a header. */
function raw(lines: string[]): Promise<string> {
  const { port } = app.getHttpServer().address() as { port: number };
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.end(`${[...lines, 'Host: x', 'Connection: close'].join('\r\n')}\r\n\r\n`);
    });
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('access to a route', () => {
  it('is refused to everybody when the route declares none, and gives nothing away', async () => {
    const answer = await get('/things/forgotten', admin);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'not_permitted' });
    expect(answer.body).not.toContain('leaked');
  });

  it('is open to everybody where the route says so', async () => {
    expect((await get('/things/open')).json()).toEqual({ open: true });
    expect((await get('/things/open', { 'x-api-key': 'bad' })).statusCode).toBe(200);
  });

  it('is given to any valid credential where that is enough', async () => {
    calls.length = 0;
    const answer = await get('/things/mine?x=1', { authorization: 'Bearer good' });
    expect(answer.json()).toEqual({ subject: 'prn_1' });
    expect(calls).toEqual([
      {
        credential: 'good',
        ip: '127.0.0.1',
        method: 'GET',
        path: '/things/mine',
        audienceCheck: 'any',
        scheme: 'other',
        proof: undefined,
        offerNonce: expect.any(Function),
      },
    ]);
  });

  it('hands on the scheme DPoP with its proof, and challenges in its terms (RFC 9449 §7.1)', async () => {
    calls.length = 0;
    const good = await get('/things/mine', { authorization: 'dpop good', dpop: 'proof' });
    expect(good.statusCode).toBe(200);
    expect(calls).toMatchObject([{ credential: 'good', scheme: 'DPoP', proof: 'proof' }]);
    const bad = await get('/things/mine', { authorization: 'DPoP bad', dpop: 'proof' });
    expect([bad.statusCode, bad.json().code]).toEqual([401, 'unauthenticated']);
    expect(bad.headers['www-authenticate']).toMatch(/^DPoP .*error="invalid_token"/);
  });

  it('asks for a credential that is meant for Countersign where a scope is needed', async () => {
    calls.length = 0;
    await get('/things', { 'x-api-key': 'good' });
    expect(calls).toMatchObject([{ credential: 'good', audienceCheck: 'issuer' }]);
  });

  it('is challenged without an error code when there is no credential', async () => {
    for (const headers of [
      {},
      { authorization: 'Basic Zm9vOmJhcg==' },
      { authorization: 'Bearer' },
      { authorization: '' },
      { 'x-api-key': '' },
    ]) {
      const answer = await get('/things', headers);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(`Bearer ${OWN}`);
      expect(answer.json()).toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('answers alike to every credential that is turned away', async () => {
    const answers = await Promise.all([
      get('/things', { 'x-api-key': 'bad' }),
      get('/things', { 'x-api-key': 'revoked' }),
      get('/things', { authorization: 'Bearer bad' }),
      get('/things', { authorization: 'bearer revoked' }),
      get('/things', { authorization: 'Bearer good and more' }),
      get('/things', { authorization: 'Bearer "good"' }),
    ]);
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(`Bearer ${OWN}, error="invalid_token"`);
      const { request_id: _, ...rest } = answer.json();
      expect(rest).toEqual({
        type: 'urn:countersign:problem:unauthenticated',
        title: 'No valid credential was presented',
        status: 401,
        detail: 'A valid credential is needed.',
        code: 'unauthenticated',
      });
    }
  });

  it('is refused to two credentials at once, even to two that are the same', async () => {
    calls.length = 0;
    const both = await get('/things', { 'x-api-key': 'good', authorization: 'Bearer good' });
    const basic = await get('/things', {
      'x-api-key': 'good',
      authorization: 'Basic Zm9vOmJhcg==',
    });
    const inUrl = await get('/things?access_token=good', { 'x-api-key': 'good' });
    const inUrlOnly = await get('/things?access_token=good');
    for (const answer of [both, basic, inUrl, inUrlOnly]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid_request' });
      expect(answer.headers['www-authenticate']).toContain('error="invalid_request"');
    }
    for (const header of ['X-API-Key: good', 'Authorization: Bearer good']) {
      expect(await raw(['GET /things HTTP/1.1', header, header])).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(calls).toEqual([]);
  });

  it('names the scope that is missing', async () => {
    const answer = await post('{"name":"x"}', { ...json, 'x-api-key': 'good' });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer ${OWN}, error="insufficient_scope", scope="countersign:keys:write"`,
    );
    expect(answer.json()).toMatchObject({ code: 'insufficient_scope' });
  });

  it('takes an outage for an outage, by either strategy, never for a rejection', async () => {
    for (const headers of [{ 'x-api-key': 'down' }, { authorization: 'Bearer down' }]) {
      const answer = await get('/things', headers);
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toBe('7');
      expect(answer.json()).toMatchObject({ code: 'unavailable' });
      expect(answer.body).not.toContain('database');
    }
    for (const headers of [{ 'x-api-key': 'broken' }, { authorization: 'Bearer broken' }]) {
      const answer = await get('/things', headers);
      expect(answer.statusCode).toBe(500);
      expect(answer.body).not.toContain('inner');
    }
  });

  it('keeps answers to authenticated callers out of caches', async () => {
    expect((await get('/things', admin)).headers['cache-control']).toBe('no-store');
    expect((await get('/things')).headers['cache-control']).toBe('no-store');
  });

  it('authenticates concurrent requests each by its own credential', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => get('/things', { 'x-api-key': i % 2 ? 'good' : 'bad' })),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(
      answers.map((_, i) => (i % 2 ? 200 : 401)),
    );
  });
});

describe('errors', () => {
  it('are problem documents with the id of the request', async () => {
    const answer = await get('/nowhere');
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: 'urn:countersign:problem:not_found',
      title: 'There is no such resource',
      status: 404,
      detail: 'There is nothing here.',
      code: 'not_found',
      request_id: expect.any(String),
    });
  });

  it('never show the inside', async () => {
    const answer = await get('/things/failing');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal_error' });
    expect(answer.body).not.toContain('hunter2');
    const unchecked = await get('/things/unchecked?x=1');
    expect(unchecked.statusCode).toBe(500);
    expect(unchecked.body).not.toContain('schema');
  });

  it('tell when to come back after an outage', async () => {
    const answer = await get('/things/outage');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('3');
    expect(answer.body).not.toContain('argon2');
  });

  it('of routing are 404, whatever stands in the path', async () => {
    for (const path of [
      '/things/key_1',
      "/things/key_001'--",
      '/things/key_001%0A',
      '/things/key_001%00',
      '/things/..%2f..%2fetc',
      '/things/%F0%28%8C%28',
      '/things/%E0%A4%A',
      '/things/key_001/more',
      `/things/${'k'.repeat(500)}`,
      '/THINGS',
      '/things//',
    ]) {
      const answer = await get(path, admin);
      expect([path, answer.statusCode]).toEqual([path, path.startsWith('/things/%') ? 400 : 404]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    const method = await app.inject({ method: 'DELETE', url: '/things/key_001', headers: admin });
    expect(method.statusCode).toBe(404);
  });
});

describe('request bodies', () => {
  it('are read as JSON', async () => {
    const answer = await post('{"name":"x"}');
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe('/things/key_001');
    expect(answer.json()).toEqual({ name: 'x' });
    const charset = await post('{"name":"é"}', {
      ...json,
      'content-type': 'application/json; charset=utf-8',
    });
    expect(charset.statusCode).toBe(201);
  });

  it.each([
    '{"name":',
    '{"name":"x","name":"y"}',
    '{"__proto__":{}}',
    `${'{"name":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  ])('that are not one plain JSON text are malformed: %.40s', async (payload) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'malformed_request' });
  });

  it('that are not UTF-8 are malformed', async () => {
    const answer = await post(Buffer.from('{"name":"\xff"}', 'latin1'));
    expect(answer.statusCode).toBe(400);
  });

  it('of more than 64 KiB are refused', async () => {
    const answer = await post(JSON.stringify({ name: 'x'.repeat(65_536) }));
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'payload_too_large' });
  });

  it('of another media type are refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'application/merge-patch+json',
      'nonsense',
    ]) {
      const answer = await post('name=x', { ...json, 'content-type': type });
      expect([type, answer.statusCode]).toEqual([type, 415]);
      expect(answer.json()).toMatchObject({ code: 'unsupported_media_type' });
    }
    const { 'content-type': _, ...untyped } = json;
    expect((await post('{"name":"x"}', untyped)).statusCode).toBe(415);
  });

  it('of PATCH may be merge patches', async () => {
    for (const type of ['application/json', 'application/merge-patch+json']) {
      const headers = { ...json, 'content-type': type };
      const request = { method: 'PATCH', url: '/things/key_001', headers } as const;
      const answer = await app.inject({ ...request, payload: '{"name":"x"}' });
      expect([type, answer.statusCode]).toEqual([type, 200]);
    }
  });

  it('that are not valid are told field by field, without their values', async () => {
    const payload = { name: 'too long a name', scopes: ['ok', 'not ok', 'a"b'], cs_admin: 1 };
    const answer = await post(JSON.stringify(payload));
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'validation_failed',
      errors: [
        { field: 'name', message: 'must be at most 5 characters long' },
        { field: 'scopes.1', message: expect.stringContaining('must be a scope token') },
        { field: 'scopes.2', message: expect.stringContaining('must be a scope token') },
        { field: 'cs_admin', message: 'is not a known field' },
      ],
    });
    expect(answer.body).not.toContain('too long a name');
    const secret = await post(JSON.stringify({ name: 'x', [`cs_live_${'x'.repeat(69)}`]: 1 }));
    expect(secret.json().errors).toEqual([{ field: '?', message: 'is not a known field' }]);
  });

  it.each([
    ['', [{ field: 'name', message: 'is required' }]],
    ['null', [{ field: 'body', message: 'must be an object' }]],
    ['[]', [{ field: 'body', message: 'must be an object' }]],
    ['"x"', [{ field: 'body', message: 'must be an object' }]],
    ['{"name":1}', [{ field: 'name', message: 'must be a string' }]],
    ['{"name":""}', [{ field: 'name', message: 'must not be empty' }]],
  ])('%s is not valid', async (payload, errors) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toEqual(errors);
  });

  it('with text that no database stores are not valid, wherever the text stands', async () => {
    for (const [payload, field] of [
      ['{"name":"a\\u0000"}', 'name'],
      ['{"name":"\\ud800"}', 'name'],
      ['{"name":"x","anything":{"deep":["a",{"b":"\\udc00"}]}}', 'anything.deep.1.b'],
      ['{"name":"x","anything":{"deep\\u0000":1}}', 'anything'],
    ] as const) {
      const answer = await post(payload);
      expect(answer.statusCode).toBe(422);
      expect(answer.json().errors).toContainEqual({
        field,
        message: 'must not contain NUL or a lone surrogate',
      });
    }
  });
});

describe('query parameters', () => {
  it.each([
    ['limit=0', 'limit'],
    ['limit=10', 'limit'],
    ['limit=x', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit=%00', 'limit'],
    ['unknown=1', 'unknown'],
    ['__proto__=1', '__proto__'],
  ])('%s is not valid', async (search, field) => {
    const answer = await get(`/things?${search}`, admin);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors[0].field).toBe(field);
  });

  it('have their defaults', async () => {
    expect((await get('/things', admin)).json()).toEqual({ limit: 3 });
  });
});
