import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { printGatewayConfig } from '../src/gateway-config/print-gateway-config.js';
import type { NewKey } from './admin-client.js';
import { DpopClient } from './dpop-client.js';
import { asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const API = 'https://api.example.com';
const SCOPE = 'read:users';

let service: ServiceUnderTest;
let client: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest({ env: { COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1' } });
  await service.admin.createResourceServer(API, { scopes: [SCOPE] });
  client = await service.admin.newKey([SCOPE]);
});

afterAll(() => service.stop());

// Debian has neither Traefik nor Envoy: here is the sub-request as they send it, by what is printed.
describe('a gateway that sends the sub-request as Traefik does', () => {
  const ofTraefik = (printed: string) => /address: "http:\/\/[^/]+(.+)"/.exec(printed)?.[1] ?? '';

  function subRequest(uri: string, copied: readonly string[], more: readonly string[] = []) {
    const path = ofTraefik(printConfig('traefik', service.url));
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${new URL(service.url).host}`,
      'User-Agent: Go-http-client/1.1',
      ...copied,
      'X-Forwarded-For: 192.0.2.7',
      'X-Forwarded-Host: api.example.com',
      'X-Forwarded-Method: POST',
      'X-Forwarded-Port: 80',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Server: edge',
      `X-Forwarded-Uri: ${uri}`,
      'Accept-Encoding: gzip',
      'Connection: close',
      ...more,
    ];
    return service.http.raw(`${lines.join('\r\n')}\r\n\r\n`);
  }

  // With no list of headers to copy, it copies all but hop-by-hop ones.
  const copied = [
    'If-None-Match: *',
    'Range: bytes=0-0',
    'Content-Type: application/json',
    'Accept: */*',
  ];

  it('gets exactly 200, 401 and 403, whatever it copies', async () => {
    const { key } = await service.admin.newKey([]);
    for (const headers of [[], copied]) {
      const good = await subRequest('/users', [...headers, `X-Api-Key: ${client.key}`]);
      expect(good.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(good.text).toContain(`\r\nX-Principal-Subject: ${client.principal_id}\r\n`);
      expect((await subRequest('/users', headers)).status).toBe(401);
      expect((await subRequest('/users', [...headers, `X-Api-Key: ${key}`])).status).toBe(403);
    }
  });

  it('tells the end client’s request', async () => {
    const restrictions = { methods: ['POST'], paths: ['/reports/*'], ips: ['192.0.2.7'] };
    const { key } = await service.admin.newKey([SCOPE], { key: { restrictions } });
    const credential = [`X-Api-Key: ${key}`];
    expect((await subRequest('/reports/1?x=1', credential)).status).toBe(200);
    expect((await subRequest('/other', credential)).status).toBe(401);
    expect((await subRequest('/other', credential, ['X-Original-Uri: /reports/1'])).status).toBe(
      401,
    );
  });
});

describe('a gateway that sends the sub-request as Envoy does', () => {
  const prefixOf = (printed: string) => /path_prefix: "([^"]+)"/.exec(printed)?.[1] ?? '';

  function check(method: string, path: string, headers: readonly string[] = []) {
    const prefix = prefixOf(printConfig('envoy', service.url));
    const lines = [
      `${method} ${prefix}${path} HTTP/1.1`,
      // The end client's: Envoy keeps it, with the method and the path.
      'host: api.example.com',
      ...headers,
      'x-forwarded-proto: https',
      'x-envoy-internal: true',
      'x-forwarded-for: 192.0.2.7',
      'x-envoy-expected-rq-timeout-ms: 3000',
      'content-length: 0',
      'connection: close',
    ];
    return service.http.raw(`${lines.join('\r\n')}\r\n\r\n`);
  }

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'gets exactly 200, 401 and 403 by %s',
    async (method) => {
      const { key } = await service.admin.newKey([]);
      const path = '/users?optional=true&scopes=';
      const good = await check(method, path, [`x-api-key: ${client.key}`]);
      expect(good.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(good.text).toContain(`\r\nX-Principal-Subject: ${client.principal_id}\r\n`);
      expect((await check(method, path)).status).toBe(401);
      expect((await check(method, path, [`x-api-key: ${key}`])).status).toBe(403);
    },
  );

  it('RFC 9449 §7.1: lets a bound token through with a proof for the request, and not without', async () => {
    const prover = new DpopClient(service.http);
    const form = { grant_type: 'client_credentials', audience: API };
    const bound = (await prover.form('/token', form, asApiKey(client.key))).json.access_token;
    const ask = async (htu: string, method = 'GET') => {
      const headers = await prover.headers('GET', '', bound, { htu });
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      return check(method, '/users?x=1', lines);
    };
    const url = 'https://api.example.com/users';
    prover.nonce = undefined;
    const challenged = await ask(url);
    expect(challenged.status).toBe(401);
    const [, nonce] = /\r\nDPoP-Nonce: (\S+)/i.exec(challenged.text) ?? [];
    prover.nonce = nonce;
    expect((await ask(url)).status).toBe(200);
    for (const wrong of [
      'https://api.example.com/orders',
      'http://api.example.com/users',
      'https://other.example.com/users',
    ]) {
      expect((await ask(wrong)).status).toBe(401);
    }
    expect((await ask(url, 'POST')).status).toBe(401);
    expect((await check('GET', '/users', [`authorization: Bearer ${bound}`])).status).toBe(401);
    const printed = printConfig('envoy', service.url);
    for (const header of ['dpop', 'x-forwarded-proto', 'dpop-nonce']) {
      expect(printed).toContain(`- exact: ${header}\n`);
    }
  });

  it('lets no path, however it begins, write into what is required', async () => {
    for (const path of [
      '*',
      '?optional=true',
      ';optional=true;/',
      '&optional=true;/',
      '/;optional=true;/',
    ]) {
      expect([401, 500]).toContain((await check('GET', path)).status);
    }
  });

  it('tells the end client’s request', async () => {
    const restrictions = { methods: ['POST'], paths: ['/reports/*'], ips: ['192.0.2.7'] };
    const { key } = await service.admin.newKey([SCOPE], { key: { restrictions } });
    const credential = [`x-api-key: ${key}`];
    expect((await check('POST', '/reports/1?x=1', credential)).status).toBe(200);
    expect((await check('GET', '/reports/1', credential)).status).toBe(401);
    expect((await check('POST', '/other', credential)).status).toBe(401);
  });
});

function printConfig(gateway: 'traefik' | 'envoy', at: string): string {
  let printed = '';
  const args = [
    gateway,
    '--service',
    at,
    '--upstream',
    'http://127.0.0.1:9',
    '--audience',
    API,
    '--scopes',
    SCOPE,
  ];
  const error = (text: string) => {
    throw new Error(text);
  };
  printGatewayConfig(args, { out: (text) => (printed += text), error });
  return printed;
}
