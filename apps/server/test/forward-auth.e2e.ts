import { createLocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { DpopClient } from './dpop-client.js';
import { forgedKey } from './forged-key.js';
import { type Answer, asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const API = 'https://api.example.com';
const OTHER = 'https://other.example.com';
const SCOPES = ['read:users', 'write:users', 'a;b/c'];
const EMPTY = {
  'x-principal-subject': '',
  'x-principal-type': '',
  'x-principal-name': '',
  'x-principal-organization': '',
  'x-principal-scopes': '',
  'x-principal-roles': '',
  'x-principal-environment': '',
  'x-principal-credential': '',
  'x-principal-actor': '',
  'x-principal-token': '',
};

let service: ServiceUnderTest;
let client: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest({ env: { COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1' } });
  await service.admin.createResourceServer(API, { scopes: ['read:users'], signing_alg: 'ES256' });
  await service.admin.createResourceServer(OTHER, { scopes: SCOPES });
  client = await service.admin.newKey(SCOPES);
});

afterAll(() => service.stop());

type Headers = Readonly<Record<string, string>>;

function ask(headers: Headers = {}, behind = '', method = 'GET'): Promise<Answer> {
  return service.http.call(`/forward-auth${behind}`, { method, headers });
}

function principalHeaders({ headers }: Answer): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-principal-')));
}

function expectAllowed(answer: Answer): void {
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('etag')).toBeNull();
  expect(Object.keys(principalHeaders(answer)).sort()).toEqual(Object.keys(EMPTY).sort());
}

function expectRefused(answer: Answer, status: number, challenge: string | null): void {
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([status, challenge]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(principalHeaders(answer)).toEqual({});
}

const INVALID = 'Bearer realm="countersign", error="invalid_token"';

function expectInvalid(answer: Answer): void {
  expectRefused(answer, 401, INVALID);
}

/** The gateway's mistake is nobody's pass, and not the end client's fault. */
function expectWrongRequirement(answer: Answer): void {
  expectRefused(answer, 500, null);
  expect(answer.json.error_description).toContain('the gateway asks wrongly');
}

function verifier(audience: string) {
  return createLocalVerifier({ issuer: service.url, audience, allowInsecureHttp: true });
}

describe('a credential that is good', () => {
  it('passes with all about its principal, as a key and as a JWT', async () => {
    for (const headers of [
      asApiKey(client.key),
      asBearer(client.key),
      asBearer(await service.tokenFor(client.key)),
    ]) {
      const answer = await ask(headers);
      expectAllowed(answer);
      expect(principalHeaders(answer)).toMatchObject({
        'x-principal-subject': client.principal_id,
        'x-principal-type': 'service',
        'x-principal-name': 'job',
        'x-principal-organization': '',
        'x-principal-scopes': 'a;b/c read:users write:users',
        'x-principal-roles': '',
        'x-principal-environment': 'live',
      });
    }
    const { headers } = await ask(asApiKey(client.key));
    expect(headers.get('x-principal-credential')).toBe(client.id);
  });

  it('gives the upstream the principal under a signature, the same as introspection', async () => {
    const organization = await service.admin.createOrganization();
    await service.admin.createRole('reader', ['read:users']);
    const { key } = await service.admin.newKey([], {
      principal: {
        name: 'Zoë 100 % – "x"',
        organization_id: organization.id,
        roles: ['reader'],
        metadata: { plan: 'gold' },
      },
      key: { scopes: ['read:users'] },
    });
    const answer = await ask(asApiKey(key));
    expect(principalHeaders(answer)).toMatchObject({
      'x-principal-name': 'Zo%C3%AB%20100%20%25%20%E2%80%93%20"x"',
      'x-principal-organization': organization.id,
      'x-principal-roles': 'reader',
    });
    expect(decodeURIComponent(answer.headers.get('x-principal-name') ?? '')).toBe(
      'Zoë 100 % – "x"',
    );
    const token = answer.headers.get('x-principal-token') ?? '';
    const verified = await verifier(service.url).verify(token);
    if (!verified.ok) throw new Error(verified.code);
    const { credential: _, audience: __, ...byToken } = verified.principal;
    const { credential: ___, audience: ____, ...byKey } = (await service.introspect(key)).principal;
    expect(byToken).toEqual(byKey);
  });

  it('gives a JWT of a minute for the upstream that the gateway names (RFC 9068 §2)', async () => {
    const before = Math.floor(Date.now() / 1000);
    const answer = await ask(asApiKey(client.key), `?audience=${encodeURIComponent(API)}`);
    expectAllowed(answer);
    const token = answer.headers.get('x-principal-token') ?? '';
    expect(headerOf(token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const claims = claimsOf(token);
    expect(claims).toMatchObject({ aud: API, scope: 'read:users', sub: client.principal_id });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60);
    expect(Number(claims['iat'])).toBeGreaterThanOrEqual(before);
    expect(answer.headers.get('x-principal-scopes')).toBe('read:users');
    expect((await verifier(API).verify(token)).ok).toBe(true);
    expect((await verifier(OTHER).verify(token)).ok).toBe(false);
  });

  it('gets the same JWT again for part of its life, and another for another upstream', async () => {
    const tokenFor = async (query: string) =>
      (await ask(asApiKey(client.key), query)).headers.get('x-principal-token');
    const [first, second, other] = [
      await tokenFor(''),
      await tokenFor(''),
      await tokenFor(`?audience=${OTHER}`),
    ];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    await service.admin.patchPrincipal(client.principal_id, { name: 'renamed' });
    const renamed = await tokenFor('');
    expect(claimsOf(renamed ?? '')).toMatchObject({ name: 'renamed' });
    await service.admin.patchPrincipal(client.principal_id, { name: 'job' });
  });

  it('gives no upstream a JWT to administer Countersign with', async () => {
    const { key } = await service.admin.newKey(['countersign:keys:write', 'read:users']);
    const answer = await ask(asApiKey(key), '?scopes=countersign:keys:write');
    expectAllowed(answer);
    const token = answer.headers.get('x-principal-token') ?? '';
    expect(claimsOf(token)).toMatchObject({ aud: service.url, scope: 'read:users' });
    expect(answer.headers.get('x-principal-scopes')).toBe('read:users');
    expect((await service.http.get('/whoami', asBearer(token))).status).toBe(200);
    const path = `/v1/keys/${client.id}`;
    const change = await service.http.json('PATCH', path, { name: 'x' }, asBearer(token));
    expect(change.status).toBe(403);
  });

  it('RFC 9449 §7.2: gives of a bound one a JWT that is no way out of the binding', async () => {
    const prover = new DpopClient(service.http);
    const form = { grant_type: 'client_credentials', audience: API };
    const bound = (await prover.form('/token', form, asApiKey(client.key))).json.access_token;
    const url = 'https://api.example.com/users';
    const answer = await ask(
      {
        ...(await prover.headers('GET', '', bound, { htu: url })),
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'api.example.com',
        'x-forwarded-method': 'GET',
        'x-forwarded-uri': '/users',
      },
      `?audience=${API}`,
    );
    expectAllowed(answer);
    const token = answer.headers.get('x-principal-token') ?? '';
    expect(claimsOf(token)).toMatchObject({ proven_cnf: { jkt: await prover.jkt() } });
    expect(claimsOf(token)).not.toHaveProperty('cnf');
    // The upstream verifies it, or asks about it.
    expect((await verifier(API).verify(token)).ok).toBe(true);
    expect(await service.introspect(token)).toMatchObject({
      active: true,
      sub: client.principal_id,
    });
    const question = { credential: token, audience: API };
    const decision = await service.http.json(
      'POST',
      '/v1/verify',
      question,
      asApiKey(service.adminKey),
    );
    expect(decision.json).toMatchObject({ allowed: true });
    // Presented to us, or exchanged, it would be as good as the bound one without its key.
    expectInvalid(await ask(asBearer(token), `?audience=${API}`));
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
    for (const fields of [exchange, { ...exchange, audience: API }]) {
      const exchanged = await service.http.form('/token', fields);
      // RFC 8693 §2.2.2
      expect([exchanged.status, exchanged.json.error]).toEqual([400, 'invalid_request']);
    }
    // Whoever finds it can still revoke it.
    expect((await service.http.form('/revoke', { token }, asApiKey(client.key))).status).toBe(200);
    expect(await service.introspect(token)).toEqual({ active: false });
  });

  it('never gives a JWT that outlives it', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) + 20;
    const { key } = await service.admin.newKey([], { key: { expires_at: expiresAt } });
    const { headers } = await ask(asApiKey(key));
    expect(claimsOf(headers.get('x-principal-token') ?? '')).toMatchObject({ exp: expiresAt });
  });
});

describe('a credential that is not good', () => {
  it('is challenged without an error code when there is none (RFC 6750 §3.1)', async () => {
    const answer = await ask();
    expectRefused(answer, 401, 'Bearer realm="countersign"');
    expect(answer.text).toBe('{}');
  });

  it('is turned away alike, whatever is wrong with it', async () => {
    const revoked = await service.admin.newKey();
    const disabled = await service.admin.newKey();
    expectAllowed(await ask(asApiKey(revoked.key)));
    await service.admin.revokeKey(revoked.id);
    await service.admin.patchKey(disabled.id, { status: 'disabled' });
    const inAnotherPlace = { key: { restrictions: { ips: ['192.0.2.1'] } } };
    const restricted = await service.admin.newKey([], inAnotherPlace);
    const bodies = new Set<string>();
    for (const headers of [
      asApiKey(revoked.key),
      asApiKey(disabled.key),
      asApiKey(restricted.key),
      asApiKey(forgedKey(client.key)),
      asApiKey(''),
      asBearer('nonsense'),
      asBasic(client.id, client.key),
      { authorization: 'Bearer' },
      { authorization: 'Digest x' },
    ]) {
      const answer = await ask(headers);
      expectInvalid(answer);
      bodies.add(answer.text);
    }
    expect(bodies.size).toBe(1);
  });

  it('falls with the key that it was derived from', async () => {
    const issued = await service.admin.newKey();
    const token = await service.tokenFor(issued.key);
    expectAllowed(await ask(asBearer(token)));
    await service.admin.revokeKey(issued.id);
    expectInvalid(await ask(asBearer(token)));
  });

  it('expires, also while it is remembered', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) + 2;
    const { key } = await service.admin.newKey([], { key: { expires_at: expiresAt } });
    expect((await ask(asApiKey(key))).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, expiresAt * 1000 - Date.now() + 20));
    expectInvalid(await ask(asApiKey(key)));
  });

  it('is refused when it is two, or one twice', async () => {
    const both = { ...asApiKey(client.key), ...asBearer(client.key) };
    expectRefused(await ask(both), 401, 'Bearer realm="countersign", error="invalid_request"');
    for (const header of ['X-API-Key', 'Authorization: Bearer']) {
      const line = header.includes(':') ? `${header} ${client.key}` : `${header}: ${client.key}`;
      const { status } = await service.http.raw(
        `GET /forward-auth HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${line}\r\n${line}\r\n\r\n`,
      );
      expect(status).toBe(401);
    }
  });

  it('lacks a scope: all that are asked for are needed, at that upstream (RFC 6750 §3.1)', async () => {
    const { key } = await service.admin.newKey(['read:users']);
    expectAllowed(await ask(asApiKey(key), '?scopes=read:users'));
    expectRefused(
      await ask(asApiKey(key), '?scopes=read:users+write:users'),
      403,
      'Bearer realm="countersign", error="insufficient_scope", scope="read:users write:users"',
    );
    // It holds the scope, but this upstream has no use for it.
    const elsewhere = await ask(asApiKey(client.key), `?scopes=write:users&audience=${API}`);
    expect(elsewhere.status).toBe(403);
    expectAllowed(await ask(asApiKey(client.key), `?scopes=write:users&audience=${OTHER}`));
  });

  it('lost a scope with its grant, also while it is remembered', async () => {
    const issued = await service.admin.newKey(['read:users']);
    expectAllowed(await ask(asApiKey(issued.key), '?scopes=read:users'));
    await service.admin.patchPrincipal(issued.principal_id, { scopes: [] });
    expect((await ask(asApiKey(issued.key), '?scopes=read:users')).status).toBe(403);
    expect((await ask(asApiKey(issued.key))).headers.get('x-principal-scopes')).toBe('');
  });

  it('is for another audience, or for none where the gateway names none', async () => {
    const { key } = await service.admin.newKey([], { key: { audiences: [API] } });
    const token = await service.tokenFor(client.key, { audience: API });
    for (const headers of [asApiKey(key), asBearer(token)]) {
      expectAllowed(await ask(headers, `?audience=${API}`));
      expectInvalid(await ask(headers, `?audience=${OTHER}`));
      expectInvalid(await ask(headers));
    }
  });
});

describe('an optional route', () => {
  it('lets nobody pass as nobody, with every header empty', async () => {
    const answer = await ask({}, '?optional=true');
    expectAllowed(answer);
    expect(principalHeaders(answer)).toEqual(EMPTY);
  });

  it('still knows who is somebody, and refuses a credential that is not good', async () => {
    const answer = await ask(asApiKey(client.key), '?optional=true');
    expect(answer.headers.get('x-principal-subject')).toBe(client.principal_id);
    expectInvalid(await ask(asApiKey('nonsense'), '?optional=true'));
    expectInvalid(await ask({ authorization: 'Basic Zm9vOmJhcg==' }, '?optional=true'));
    expect((await ask(asApiKey(client.key), '?optional=true&scopes=other')).status).toBe(403);
  });
});

describe('what is required', () => {
  it.each([
    '?scope=read:users',
    '?scopes=',
    '?scopes=a++b',
    '?scopes=a&scopes=b',
    '?audience=nonsense',
    '?audience=',
    '?audience=https://unknown.example.com',
    '?optional',
    '?optional=1',
    '?optional=true&page=2',
    ';optional=true/x',
    ';optional=true',
    ';optional=true;',
    ';scopes=admin/x;optional=true;/',
    ';scopes=admin?x;/',
    ';scopes=admin;&optional=true',
  ])('must be said right, or nobody passes: %s', async (behind) => {
    expectWrongRequirement(await ask({}, behind));
    expectWrongRequirement(await ask(asApiKey(client.key), behind));
  });

  it.each(['x-forwarded-uri', 'x-original-uri', 'x-original-url'])(
    'is never the query of the end client that a gateway lets through: %s',
    async (name) => {
      expectWrongRequirement(await ask({ [name]: '/x?optional=true' }, '?optional=true'));
      expectAllowed(await ask({ [name]: '/x?a' }, '?optional=true'));
    },
  );

  it.each(['/x?optional=true', '/;optional=true;/', '/?optional=true', ';;/x?optional=true'])(
    'is never what stands in the path or query of the end client: %s',
    async (behind) => {
      expect((await ask({}, behind)).status).toBe(401);
      expectAllowed(await ask(asApiKey(client.key), behind));
    },
  );

  it('is never what a header says', async () => {
    const headers = { optional: 'true', 'x-optional': 'true', 'x-principal-subject': 'prn_1' };
    expect((await ask(headers)).status).toBe(401);
    expect((await ask({ ...headers, 'x-scopes': 'read:users' }, '?scopes=other')).status).toBe(401);
  });

  it('may stand in the path, before what is the end client’s', async () => {
    const behind = `;scopes=${encodeURIComponent('a;b/c')}&audience=${encodeURIComponent(OTHER)};/orders?scopes=other`;
    expectAllowed(await ask(asApiKey(client.key), behind));
    expect((await ask(asApiKey(client.key), ';scopes=other;/orders')).status).toBe(403);
  });
});

describe('whatever a gateway copies from the end client', () => {
  const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY'];

  it.each(METHODS)('by %s, a credential passes and none does not', async (method) => {
    const answer = await ask(asApiKey(client.key), '/a/b', method);
    expectAllowed(answer);
    expect((await ask({}, '/a/b', method)).status).toBe(401);
  });

  it('by HEAD too', async () => {
    const answer = await ask(asApiKey(client.key), '', 'HEAD');
    expectAllowed(answer);
    expect((await ask({}, '', 'HEAD')).status).toBe(401);
  });

  it.each([
    ['if-none-match', '*'],
    ['if-modified-since', 'Thu, 01 Jan 2099 00:00:00 GMT'],
    ['range', 'bytes=0-0'],
    ['content-type', 'application/json'],
    ['content-type', ';;;'],
    ['accept', 'application/xml'],
    ['accept-encoding', 'gzip'],
  ])('%s: %s changes nothing', async (name, value) => {
    for (const method of ['GET', 'POST']) {
      expectAllowed(await ask({ ...asApiKey(client.key), [name]: value }, '', method));
      expect((await ask({ [name]: value }, '', method)).status).toBe(401);
    }
  });

  it.each(['/a%', '/%00', '/%E0%A4%A', '/../..', '//', `/${'x'.repeat(9_000)}`])(
    'the path behind is not read: %s',
    async (path) => {
      const target = `/forward-auth${path}`;
      const raw = (headers: string) =>
        service.http.raw(
          `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`,
        );
      expect((await raw(`X-API-Key: ${client.key}\r\n`)).status).toBe(200);
      expect((await raw('')).status).toBe(401);
    },
  );

  it('a body is never parsed, and the connection lives on', async () => {
    const key = `X-API-Key: ${client.key}`;
    const request = (type: string, body: string, more = '') =>
      `POST /forward-auth HTTP/1.1\r\nHost: x\r\n${key}\r\n${type}Content-Length: ${body.length}\r\n${more}\r\n${body}`;
    const large = 'x'.repeat(300_000);
    const { text } = await service.http.raw(
      request('Content-Type: application/json\r\n', '{"a":') +
        request('', large) +
        request(
          'Content-Type: application/x-www-form-urlencoded\r\n',
          '%',
          'Connection: close\r\n',
        ),
    );
    expect(text.match(/^HTTP\/1\.1 200 OK/gm)).toHaveLength(3);
  });

  it('an upgrade is answered as any request', async () => {
    const { status } = await service.http.raw(
      'GET /forward-auth HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(status).toBe(401);
  });

  it('other paths that begin alike are not this endpoint', async () => {
    for (const path of ['/forward-authx', '/forward-auth%3Foptional=true', '/Forward-Auth']) {
      expect((await service.http.get(path, asApiKey(client.key))).status).toBe(404);
    }
  });
});

describe('a restricted credential', () => {
  let key: string;
  let token: string;
  const restrictions = { ips: ['192.0.2.7'], methods: ['POST'], paths: ['/reports/*'] };
  const good = {
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-method': 'POST',
    'x-forwarded-uri': '/reports/1?x=/other',
  };

  beforeAll(async () => {
    ({ key } = await service.admin.newKey([], { key: { restrictions } }));
    const unrestricted = await service.admin.newKey();
    token = await service.tokenFor(unrestricted.key);
    await service.admin.patchKey(unrestricted.id, { restrictions });
  });

  it('passes where the end client’s request satisfies it, as the gateway tells', async () => {
    for (const headers of [asApiKey(key), asBearer(token)]) {
      expectAllowed(await ask({ ...headers, ...good }));
      expectInvalid(await ask({ ...headers, ...good, 'x-forwarded-for': '192.0.2.8' }));
      expectInvalid(await ask({ ...headers, ...good, 'x-forwarded-method': 'GET' }));
      expectInvalid(await ask({ ...headers, ...good, 'x-forwarded-uri': '/other' }));
      expectInvalid(await ask({ ...headers, ...good, 'x-forwarded-uri': '/reports/../x' }));
    }
  });

  it('is told by X-Original-Method and X-Original-URI as well', async () => {
    const { 'x-forwarded-method': _, 'x-forwarded-uri': __, ...ip } = good;
    const original = { 'x-original-method': 'POST', 'x-original-uri': '/reports/1' };
    expectAllowed(await ask({ ...asApiKey(key), ...ip, ...original }));
  });

  it('is refused where something is not told', async () => {
    for (const name of Object.keys(good)) {
      const { [name as keyof typeof good]: _, ...rest } = good;
      expectInvalid(await ask({ ...asApiKey(key), ...rest }));
    }
  });

  it('is refused where two tell it differently', async () => {
    for (const more of [
      { 'x-original-uri': '/other' },
      { 'x-original-url': '/other' },
      { 'x-original-method': 'GET' },
    ]) {
      expectInvalid(await ask({ ...asApiKey(key), ...good, ...more }));
    }
    expectInvalid(await ask({ ...asApiKey(key), ...good }, '/other'));
    expectInvalid(await ask({ ...asApiKey(key), ...good }, ';;/reports/1'));
    expectAllowed(await ask({ ...asApiKey(key), ...good }, ';;/reports/1', 'POST'));
  });

  it('believes no address that the end client has put before its own', async () => {
    const spoofed = { ...good, 'x-forwarded-for': '192.0.2.7, 198.51.100.1' };
    expectInvalid(await ask({ ...asApiKey(key), ...spoofed }));
  });

  it('is told by the sub-request itself, as Envoy sends it', async () => {
    const envoy = { ...asApiKey(key), 'x-forwarded-for': '192.0.2.7' };
    expectAllowed(await ask(envoy, ';;/reports/1', 'POST'));
    expectInvalid(await ask(envoy, ';;/reports/1', 'GET'));
    expectInvalid(await ask(envoy, ';;/other', 'POST'));
    expectInvalid(await ask(envoy, '/reports/1', 'POST'));
  });

  it('gives a JWT that is restricted alike, for an upstream that knows its request', async () => {
    const { headers } = await ask({ ...asApiKey(key), ...good });
    const jwt = headers.get('x-principal-token') ?? '';
    expect(claimsOf(jwt)).toMatchObject({ restrictions });
    const request = { ip: '192.0.2.7', method: 'POST', path: '/reports/1' };
    const verified = async (context?: object) =>
      (await verifier(service.url).verify(jwt, context)).ok;
    expect([await verified(request), await verified()]).toEqual([true, false]);
    expectInvalid(await ask(asBearer(jwt)));
    expect(await service.introspect(jwt)).toEqual({ active: false });
  });

  it('is refused as a token that bears other restrictions than its key has now', async () => {
    const paths = { restrictions: { paths: ['/reports/*'] } };
    const issued = await service.admin.newKey([], { key: paths });
    const old = await service.tokenFor(issued.key);
    expectAllowed(await ask({ ...asBearer(old), ...good }));
    await service.admin.patchKey(issued.id, { restrictions: { paths: ['/reports/*', '/x'] } });
    expectInvalid(await ask({ ...asBearer(old), ...good }));
    expectAllowed(await ask({ ...asBearer(await service.tokenFor(issued.key)), ...good }));
  });
});

describe('the OpenAPI document', () => {
  it('describes the endpoint', async () => {
    const { paths } = (await service.http.get('/openapi.json')).json;
    const { get } = paths['/forward-auth'];
    expect(Object.keys(get.responses)).toEqual(['200', '401', '403', '500', '503']);
    expect(Object.keys(get.responses[200].headers).map((name) => name.toLowerCase())).toEqual(
      Object.keys(EMPTY),
    );
  });
});

describe('a signing key that is compromised', () => {
  it('signs nothing any more, and what it has signed is not handed out again', async () => {
    const issued = await service.admin.newKey();
    const before = (await ask(asApiKey(issued.key))).headers.get('x-principal-token') ?? '';
    await service.admin.compromiseSigningKey(String(headerOf(before)['kid']));
    const answer = await ask(asApiKey(issued.key));
    const after = answer.headers.get('x-principal-token') ?? '';
    expect(headerOf(after)['kid']).toEqual(expect.any(String));
    expect(headerOf(after)['kid']).not.toBe(headerOf(before)['kid']);
  });
});
