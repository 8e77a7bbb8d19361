import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import { type Answer, asApiKey, type CallOptions } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
let before: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  before = await contents();
});

afterAll(async () => {
  await service.stop();
});

const REFRESH_TOKEN = 'urn:ietf:params:oauth:token-type:refresh_token';
const FORM = 'application/x-www-form-urlencoded';
const FORM_ENDPOINTS = ['/introspect', '/token', '/revoke'] as const;
const GOOD = {
  '/introspect': 'token=x',
  '/revoke': 'token=x',
  '/token': 'grant_type=client_credentials',
} as const;

function post(path: string, body: string | Uint8Array<ArrayBuffer>, type: string | null = FORM) {
  const headers = { ...asApiKey(service.adminKey), ...(type !== null && { 'content-type': type }) };
  return service.http.call(path, { method: 'POST', headers, body });
}

function expectRefused(answer: Answer, status: number, naming: string): void {
  expect([answer.status, answer.json.error]).toEqual([status, 'invalid_request']);
  expect(answer.json.error_description).toContain(naming);
}

describe.each(FORM_ENDPOINTS)('a form at %s', (path) => {
  const good = GOOD[path];
  const required = path === '/token' ? 'grant_type' : 'token';

  it('is read when it is good', async () => {
    expect((await post(path, good)).status).toBe(200);
    expect((await post(path, good, `${FORM}; charset=utf-8`)).status).toBe(200);
    expect((await post(path, good, FORM.toUpperCase())).status).toBe(200);
  });

  it.each([
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('is 415 as %s', async (type) => {
    expectRefused(await post(path, good, type), 415, 'form-encoded');
  });

  it('is 415 without a media type', async () => {
    expectRefused(await post(path, Buffer.from(good), null), 415, 'form-encoded');
  });

  it('is 413 at 1 MB', async () => {
    expectRefused(await post(path, `${good}&filler=${'x'.repeat(1_000_000)}`), 413, 'large');
  });

  it('is refused when it is empty or not there', async () => {
    for (const options of [{}, { body: '' }] satisfies CallOptions[]) {
      const headers = { ...asApiKey(service.adminKey), 'content-type': FORM };
      const answer = await service.http.call(path, { method: 'POST', headers, ...options });
      expectRefused(answer, 400, 'body' in options ? required : '');
    }
  });

  it.each([
    ['missing', ''],
    ['empty', '='],
    ['without a value', '&'],
    ['under another name', 's=x&'],
  ])(
    'RFC 6749 §5.2, RFC 7662 §2.1, RFC 7009 §2.1: is refused when the parameter that it needs is %s',
    async (_, rest) => {
      expectRefused(await post(path, `unknown=x&${required}${rest}`), 400, required);
    },
  );

  it('RFC 6749 §3.2: is refused when a parameter is sent twice, even alike', async () => {
    expectRefused(await post(path, `${good}&${good}`), 400, required);
    const other = path === '/token' ? 'scope' : 'token_type_hint';
    expectRefused(await post(path, `${good}&${other}=a&${other}=b`), 400, other);
    // RFC 6749 §3.2: a parameter without a value counts as omitted.
    expect((await post(path, `${good}&${required}=`)).status).toBe(200);
  });

  it.each([
    ['NUL', '%00'],
    ['a line end', 'a%0Ab'],
    ['DEL', '%7F'],
    ['a byte that is not UTF-8', '%FF'],
    ['an overlong encoding', '%C0%AF'],
    ['a surrogate', '%ED%A0%80'],
    ['a cut sequence', '%E2%82'],
    ['a broken escape', '%zz'],
    ['half an escape', 'a%2'],
  ])('is refused when a value has %s', async (_, value) => {
    expectRefused(await post(path, `${required}=${value}`), 400, required);
    expectRefused(await post(path, `${good}&other=${value}`), 400, 'other');
    expectRefused(await post(path, `${good}&${value}=x`), 400, 'a parameter');
  });

  it.each([
    ['raw NUL', 'token=\0'],
    ['a raw line end', 'token=a\nb'],
    ['a raw space', 'token=a b'],
    ['raw UTF-8', 'token=é'],
  ])('is refused when it has %s', async (_, body) => {
    expectRefused(await post(path, body), 400, 'percent-encoded');
  });

  it('is refused when it is not UTF-8', async () => {
    const body = Buffer.from('token=\xff\xfe', 'latin1');
    expectRefused(await post(path, body), 400, 'percent-encoded');
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY'])(
    'RFC 6749 §3.2, RFC 7662 §2.1, RFC 7009 §2.1: is POSTed, %s is 405',
    async (method) => {
      const url = `${path}?${good}`;
      const answer = await service.http.call(url, { method, headers: asApiKey(service.adminKey) });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    },
  );

  it('RFC 6749 §2.3.1: does not take its parameters from the URL', async () => {
    expectRefused(await post(`${path}?${good}`, 'x=y'), 400, required);
  });
});

describe('a token request', () => {
  it.each([
    ['grant_type=password', 'unsupported_grant_type', 'grant_type'],
    ['grant_type=authorization_code', 'unsupported_grant_type', 'grant_type'],
    ['grant_type=Client_Credentials', 'unsupported_grant_type', 'grant_type'],
    [exchange({ subject_token: null }), 'invalid_request', 'subject_token'],
    [exchange({ subject_token_type: null }), 'invalid_request', 'subject_token_type'],
    [exchange({ subject_token_type: 'urn:x' }), 'invalid_request', 'subject_token_type'],
    [exchange({ subject_token_type: REFRESH_TOKEN }), 'invalid_request', 'subject_token_type'],
    [exchange({ requested_token_type: 'urn:x' }), 'invalid_request', 'requested_token_type'],
    [exchange({ requested_token_type: REFRESH_TOKEN }), 'invalid_request', 'requested_token_type'],
    [exchange({ actor_token: 'x' }), 'invalid_request', 'actor_token'],
    [exchange({ actor_token_type: 'x' }), 'invalid_request', 'actor_token'],
    ['grant_type=client_credentials&scope=a++b', 'invalid_scope', 'scope'],
    ['grant_type=client_credentials&scope=%22', 'invalid_scope', 'scope'],
    ['grant_type=client_credentials&scope=nothing', 'invalid_scope', 'scope'],
    ['grant_type=client_credentials&resource=relative', 'invalid_target', 'absolute URI'],
    [
      'grant_type=client_credentials&resource=https://a.example%23f',
      'invalid_target',
      'absolute URI',
    ],
    [
      'grant_type=client_credentials&resource=https://a.example%23',
      'invalid_target',
      'absolute URI',
    ],
    ['grant_type=client_credentials&audience=https://a.example', 'invalid_target', 'audience'],
  ])(
    'RFC 6749 §5.2, RFC 8693 §2.2.2, RFC 8707 §2: that is not one we serve is named, %s',
    async (body, error, field) => {
      const answer = await post('/token', body);
      expect([answer.status, answer.json.error]).toEqual([400, error]);
      expect(answer.json.error_description).toContain(field);
    },
  );

  it('never echoes what was sent in a way that breaks out of the description', async () => {
    const scope = encodeURIComponent('a"b\\cé<script>');
    const answer = await post('/token', `grant_type=client_credentials&scope=${scope}`);
    expect(answer.status).toBe(400);
    expect(answer.json.error_description).toMatch(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/);
  });
});

describe('a JSON body of the admin API', () => {
  const NEW = { type: 'service', name: 'n' };
  const headers = () => asApiKey(service.adminKey);
  const send = (path: string, body: object) => service.http.json('POST', path, body, headers());

  it.each([
    ['/v1/organizations', { name: 'n' }],
    ['/v1/principals', NEW],
    ['/v1/roles', { name: 'n', scopes: [] }],
    ['/v1/resource-servers', { name: 'n', audience: 'https://a.example', scopes: [] }],
    ['/v1/signing-keys', { alg: 'RS256' }],
  ])('with a field that is not known is 422 and names it: %s', async (path, good) => {
    const answer = await send(path, { ...good, is_admin: true });
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
    expect(answer.json.errors).toEqual([{ field: 'is_admin', message: 'is not a known field' }]);
  });

  it.each([
    ['type', { ...NEW, type: 'robot' }],
    ['name', { type: 'service' }],
    ['name', { ...NEW, name: '' }],
    ['name', { ...NEW, name: 'a\u0000b' }],
    ['name', { ...NEW, name: 'x'.repeat(201) }],
    ['scopes.1', { ...NEW, scopes: ['ok', 'not ok'] }],
    ['scopes', { ...NEW, scopes: ['a', 'a'] }],
    ['scopes', { ...NEW, scopes: 'a b' }],
    ['roles', { ...NEW, roles: { length: 1 } }],
    ['metadata', { ...NEW, metadata: { filler: 'x'.repeat(1_024) } }],
    ['metadata', { ...NEW, metadata: [] }],
    ['organization_id', { ...NEW, organization_id: 'org_1' }],
    ['external_id', { ...NEW, external_id: '' }],
  ])('that is not valid is 422 and names %s', async (field, body) => {
    const answer = await send('/v1/principals', body);
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
    expect(answer.json.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it.each([
    ['not JSON', '{', 400],
    ['two texts', '{}{}', 400],
    ['a member twice', '{"name":"a","name":"b","type":"user"}', 400],
    ['not UTF-8', Buffer.from('{"name":"\xff"}', 'latin1'), 400],
    ['1 MB', JSON.stringify({ ...NEW, metadata: { x: 'x'.repeat(1_000_000) } }), 413],
    ['a list', '[]', 422],
    ['null', 'null', 422],
  ])('that is %s is refused with a sentence', async (_, body, status) => {
    const options = {
      method: 'POST',
      headers: { ...headers(), 'content-type': 'application/json' },
    };
    const answer = await service.http.call('/v1/principals', { ...options, body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json.detail).toMatch(/\.$/);
  });

  it('of another media type is 415', async () => {
    const answer = await service.http.form('/v1/principals', NEW, headers());
    expect([answer.status, answer.json.code]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('a request that names a media type and announces no body (RFC 9112 §6.3)', () => {
  it.each([
    ['POST', '/introspect', FORM, 400],
    ['POST', '/token', FORM, 400],
    ['POST', '/revoke', FORM, 400],
    ['POST', '/introspect', 'text/plain', 415],
    ['POST', '/v1/verify', 'application/json', 422],
    ['POST', '/v1/principals', 'application/json', 422],
    ['POST', '/v1/principals', 'text/plain', 422],
    ['DELETE', '/v1/principals/prn_00000000000000000000000000', 'application/json', 404],
    ['GET', '/whoami', 'application/json', 200],
    ['GET', '/forward-auth', 'application/json', 200],
    ['POST', '/forward-auth', 'application/json', 200],
  ])('%s %s as %s is answered at once, with %i', async (method, path, type, status) => {
    const head = [
      `${method} ${path} HTTP/1.1`,
      'Host: x',
      'Connection: close',
      `Content-Type: ${type}`,
      `X-API-Key: ${service.adminKey}`,
    ];
    const answer = await service.http.raw(`${head.join('\r\n')}\r\n\r\n`);
    expect(answer.status).toBe(status);
  });
});

describe('all of the above', () => {
  it('changed nothing', async () => {
    expect(await contents()).toEqual(before);
  });
});

function exchange(changes: Record<string, string | null>): string {
  const good = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'x',
    subject_token_type: 'urn:countersign:token-type:api-key',
  };
  const fields = Object.entries({ ...good, ...changes }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as [string, string]],
  );
  return new URLSearchParams(fields).toString();
}

/** Everything that the database holds, but for when keys were last used. */
async function contents(): Promise<string> {
  const tables = [
    ...['organizations', 'principals', 'principal_roles', 'api_key_versions', 'roles'],
    ...['resource_servers', 'resource_server_principals', 'signing_keys', 'audit_events'],
    ...['changes', 'revocations', 'idempotency_keys'],
  ];
  const rows = tables.map((table) => `SELECT '${table}', to_jsonb(t)::text FROM ${table} AS t`);
  const keys = `SELECT 'api_keys', (to_jsonb(t) - 'last_used_at')::text FROM api_keys AS t`;
  const all = await administer(service.databaseUrl, [...rows, keys].join(' UNION ALL '));
  return JSON.stringify(all.map((row) => JSON.stringify(row)).sort());
}
