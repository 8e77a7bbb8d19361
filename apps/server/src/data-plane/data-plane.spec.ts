import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DependencyUnavailable } from '@countersign/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { answerAsciiJson } from './answer-ascii-json.js';
import { DataPlane } from './data-plane.js';
import type { JsonDataPlaneRoute } from './data-plane-route.js';
import { OAuthFailure } from './oauth-failure.js';
import type { ToldFailure } from './report-failure.js';
import type { SubRequestRoute } from './sub-request-route.js';

const SUB_REQUEST = '/sub';

type Handle = JsonDataPlaneRoute['handle'];

const HANDLERS: Readonly<Record<string, Handle>> = {
  '/echo': ({ body }, response) => answerAsciiJson(response, JSON.stringify({ body })),
  '/throws': () => {
    throw new Error('of a kind that nobody knows');
  },
  '/rejects': async () => {
    throw new DependencyUnavailable('database');
  },
  '/answers-and-throws': (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half of it');
    throw new Error('too late');
  },
  '/cannot-be-told': () => {
    throw new OAuthFailure('invalid_token', 'no', { challenge: 'Bearer realm="\n"' });
  },
};

function routeOf([path, handle]: [string, Handle]): JsonDataPlaneRoute {
  const operation = { id: path, summary: '', specification: '' };
  return {
    path,
    handle,
    access: { kind: 'client' },
    errors: 'problem',
    operation: { ...operation, request: z.unknown(), response: z.unknown() },
  };
}

const subRequestRoute: SubRequestRoute = {
  path: SUB_REQUEST,
  access: { kind: 'holder' },
  handle: ({ url, method }, response) => answerAsciiJson(response, JSON.stringify({ url, method })),
};

describe('DataPlane', () => {
  const failures: ToldFailure[] = [];
  const dataPlane = new DataPlane({
    routes: Object.entries(HANDLERS).map(routeOf),
    subRequestRoutes: [subRequestRoute],
    trustedProxies: [],
    metadataUrl: 'https://issuer.example.com/.well-known/oauth-protected-resource',
    onFailure: (failure) => failures.push(failure),
  });
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const serve = dataPlane.serverOf(request.url ?? '');
      if (serve === undefined) response.writeHead(404).end();
      else serve(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    failures.splice(0);
  });

  const post = (path: string, body = '{"a":1}') =>
    fetch(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

  it('tells how long a connection may lie idle, unless it is closed (RFC 2068 §19.7.1.1)', async () => {
    expect((await post('/echo')).headers.get('keep-alive')).toBe('timeout=72');
    const closed = await fetch(origin + SUB_REQUEST, { headers: { connection: 'close' } });
    expect(closed.headers.get('connection')).toBe('close');
    expect(closed.headers.has('keep-alive')).toBe(false);
  });

  it('tells endpoints by their whole path, whatever the query', async () => {
    expect(await (await post('/echo')).json()).toEqual({ body: { a: 1 } });
    expect((await post('/echo?a=b')).status).toBe(200);
    for (const path of ['/echo/', '/echo/more', '/ECHO', '/%65cho', '/echo;a', '/']) {
      expect((await post(path)).status).toBe(404);
    }
  });

  it('hands sub-requests over by any method, with whatever stands behind their path', async () => {
    for (const behind of ['', '?a=b', '/the/clients?url', ';a=b;/the/clients?url']) {
      const answer = await fetch(origin + SUB_REQUEST + behind, { method: 'PUT' });
      expect(await answer.json()).toEqual({ url: SUB_REQUEST + behind, method: 'PUT' });
    }
    expect((await fetch(`${origin}${SUB_REQUEST}way`)).status).toBe(404);
  });

  it('answers what a handler throws, and says nothing of what it does not know', async () => {
    const unknown = await post('/throws');
    expect(unknown.status).toBe(500);
    expect(await unknown.text()).not.toContain('nobody knows');
    const outage = await post('/rejects');
    expect([outage.status, outage.headers.has('retry-after')]).toEqual([503, true]);
    expect(failures.map(({ code }) => code)).toEqual(['internal_error', 'unavailable']);
  });

  it('cuts off an answer that failed half-way, and one that cannot be told, and goes on', async () => {
    await expect(post('/answers-and-throws').then((answer) => answer.text())).rejects.toThrow();
    await expect(post('/cannot-be-told')).rejects.toThrow();
    expect(failures.map(({ status }) => status)).toEqual([500, 500]);
    expect((await post('/echo')).status).toBe(200);
  });
});
