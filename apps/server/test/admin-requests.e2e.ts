import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ChangeFollower } from '@countersign/persistence';
import { buildOpenApiDocument } from '../src/endpoints/openapi/build-openapi-document.js';
import type { AdminAnswer, AdminCaller } from './admin-caller.js';
import { type AdminApi, startAdminApi } from './admin-api.js';
import { CONFIRMED } from './confirmed.js';
import { type DeclaredRoute, declaredRoutes } from './declared-routes.js';

// Other work on the machine makes a test wait, but not fail.
jest.setTimeout(60_000);

let api: AdminApi;
let root: AdminCaller;
let routes: DeclaredRoute[];

beforeAll(async () => {
  api = await startAdminApi();
  root = api.root;
  routes = declaredRoutes(api.app);
});

afterAll(() => api.stop());

const ULID = '01JD0000000000000000000000';
const PREFIXES: Readonly<Record<string, string>> = {
  organizations: 'org_',
  principals: 'prn_',
  keys: 'key_',
  roles: 'rol_',
  'resource-servers': 'rsv_',
  'audit-events': 'aud_',
  'trusted-issuers': 'tis_',
  'federated-identities': 'fid_',
};

/** The route's path with an id of the right form, of something that does not exist. */
function pathOf({ path }: DeclaredRoute, id?: string): string {
  const [, , resource = ''] = path.split('/');
  return path.replace(':id', id ?? PREFIXES[resource] + ULID).replace(':kid', id ?? 'k'.repeat(43));
}

/** An id of something that exists, for each resource that a body can be sent to. */
async function oneOfEach(): Promise<Readonly<Record<string, string>>> {
  const { id: principals } = await api.principal();
  const { id: keys } = await api.key(principals);
  const { id: organizations } = await api.organization();
  const role = await root.create<{ id: string }>('/v1/roles', { name: 'one', scopes: [] });
  const server = { audience: 'https://one.example', name: 'one', scopes: [] };
  const { id: servers } = await root.create<{ id: string }>('/v1/resource-servers', server);
  const issuer = {
    issuer: 'https://one.example',
    name: 'one',
    audiences: ['one'],
    scopes: [],
  };
  const { id: issuers } = await root.create<{ id: string }>('/v1/trusted-issuers', issuer);
  return {
    principals,
    keys,
    organizations,
    roles: role.id,
    'resource-servers': servers,
    'trusted-issuers': issuers,
  };
}

describe('every route', () => {
  it('is known to the tests that walk them', () => {
    expect(routes.length).toBeGreaterThanOrEqual(38);
    expect(routes.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'PrincipalKeysController.issue',
        'RevocationsController.list',
        'RevocationsController.stream',
        'StatusListsController.get',
      ]),
    );
  });

  it('declares who may call it', () => {
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
  });

  it('has a schema for everything that it takes', () => {
    expect(routes.filter(({ unchecked }) => unchecked.length > 0)).toEqual([]);
  });

  it('that is open to everybody is one of these', () => {
    const open = routes.filter(({ access }) => access?.kind === 'public').map(({ path }) => path);
    expect(open.sort()).toEqual([
      '/.well-known/authzen-configuration',
      '/.well-known/authzen-configuration/*',
      '/.well-known/jwks.json',
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-authorization-server/*',
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/*',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/resource-metadata/*',
      '/status-lists/:id',
    ]);
  });

  it('of the admin API needs the scope of its resource, to read or to write', () => {
    for (const { method, path, access } of routes) {
      if (!path.startsWith('/v1/')) continue;
      const segments = path.split('/').filter((segment) => segment in PREFIXES);
      const resource = path.startsWith('/v1/signing-keys') ? 'signing-keys' : segments.at(-1);
      const scope = `countersign:${resource}:${method === 'GET' ? 'read' : 'write'}`;
      expect([path, access]).toEqual([path, { kind: 'scope', scope }]);
    }
  });

  it('turns away who presents no credential, and who lacks the scope', async () => {
    const powerless = await api.caller([]);
    for (const route of routes) {
      const { method } = route;
      if (route.access?.kind === 'public') continue;
      const url = pathOf(route);
      const anonymous = await api.app.inject({ method, url });
      expect([url, anonymous.statusCode]).toEqual([url, 401]);
      if (route.access?.kind !== 'scope') continue;
      const answer = await powerless.send(method, url);
      expect([url, answer.status, answer.body.code]).toEqual([url, 403, 'insufficient_scope']);
    }
  });

  it('finds nothing under what cannot be an id', async () => {
    const ids = [
      'x',
      "key_01JD0000000000000000000000'",
      'key_01JD0000000000000000000000;DROP TABLE api_keys',
      'key_01jd0000000000000000000000',
      '%00',
      'key_01JD000000000000000000000%00',
      '..%2F..%2Fetc%2Fpasswd',
      '%F0%9F%92%A9',
      `key_${'0'.repeat(90)}`,
      `key_${'0'.repeat(2_000)}`,
    ];
    for (const route of routes.filter(({ path }) => path.includes(':'))) {
      for (const id of ids) {
        const url = pathOf(route, id.startsWith('%') ? id : encodeURI(id));
        const body = route.takesBody ? {} : undefined;
        const answer = await root.send(route.method, url, body);
        // A body is looked at as well: whichever is wrong first.
        expect([url, [404, 422].includes(answer.status)]).toEqual([url, true]);
        if (!route.takesBody) expect([url, answer.status]).toEqual([url, 404]);
      }
    }
  });

  it('with a body takes no nonsense for an error of ours', async () => {
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '"text"',
      '0',
      '{"name":null,"scopes":null,"status":null,"metadata":null,"alg":null}',
      '{"name":"\\u0000","reason":"\\u0000","description":"\\u0000","external_id":"\\u0000"}',
      '{"name":"\\ud800","metadata":{"a":"\\udfff"},"restrictions":{"paths":["/\\u0000"]}}',
      '{"metadata":{"\\u0000":1},"scopes":["\\u0000"],"roles":["\\u0000"],"audiences":["\\u0000"]}',
      '{"name":"x","name":"y"}',
      '{"__proto__":{"scopes":["countersign:admin"]}}',
      '{"constructor":{"prototype":{}}}',
      '{"id":"x","unknown":true}',
      '{"name":"$argon2id$v=19$m=1","description":"$argon2i","reason":"$argon2id$"}',
      '{"type":"user","name":"x","external_id":"$argon2id$","scopes":["$argon2id$v=19"]}',
      '{"scopes":{"length":1e9},"metadata":[],"grace_seconds":1e400,"expires_at":1e400}',
      '{"grace_seconds":0.5,"expires_at":-1,"access_token_ttl_seconds":1e308}',
      `{"metadata":${'{"a":'.repeat(31)}1${'}'.repeat(31)}}`,
      `{"metadata":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`,
      JSON.stringify({ name: 'x'.repeat(60_000) }),
      JSON.stringify({ name: 'x'.repeat(70_000) }),
      JSON.stringify({ scopes: Array.from({ length: 5_000 }, (_, i) => `s${i}`) }),
    ];
    const real = await oneOfEach();
    for (const route of routes.filter(({ takesBody }) => takesBody)) {
      const url = pathOf(route, real[route.path.split('/')[2] ?? '']);
      for (const body of bodies) {
        const answer = await root.send(route.method, url, body);
        const what = [route.name, body.slice(0, 60)];
        expect([...what, answer.status < 500]).toEqual([...what, true]);
        expect([...what, answer.headers['content-type']]).toEqual([
          ...what,
          expect.stringMatching(/^application\/(problem\+)?json/),
        ]);
      }
      const latin = await api.app.inject({
        method: route.method,
        url,
        headers: { 'x-api-key': root.credential, 'content-type': 'application/json' },
        payload: Buffer.from('{"name":"\xff"}', 'latin1'),
      });
      expect([route.name, latin.statusCode]).toEqual([route.name, 400]);
      const form = await root.send(route.method, url, 'name=x', {
        'content-type': 'application/x-www-form-urlencoded',
      });
      expect([route.name, form.status]).toEqual([route.name, 415]);
    }
  });

  it('that lists takes no nonsense in its query for an error of ours', async () => {
    const names = ['cursor', 'name', 'action', 'resource_id', 'external_id', 'audience', 'from'];
    const values = ['%00', '%ff', "'", '%F0%9F%92%A9', '\\', '1e999', '9'.repeat(400), ''];
    for (const { path, method } of routes) {
      if (method !== 'GET' || path.includes(':') || !path.startsWith('/v1/')) continue;
      for (const name of names) {
        for (const value of values) {
          const url = `${path}?${name}=${value}`;
          const answer = await root.get(url);
          expect([url, [200, 422].includes(answer.status)]).toEqual([url, true]);
        }
      }
      expect((await root.get(`${path}?limit=1&limit=2`)).status).toBe(422);
    }
  });
});

describe('an Idempotency-Key', () => {
  const body = { type: 'service', name: 'once' };
  let fresh = 0;
  const newKey = () => ({ 'idempotency-key': `key ${++fresh} ~!` });

  function expectReplay(answer: AdminAnswer, first: AdminAnswer) {
    expect(answer.status).toBe(first.status);
    expect(answer.headers['location']).toBe(first.headers['location']);
    expect(answer.headers['idempotency-replayed']).toBe('true');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
  }

  it('makes a retry get the first answer again, and creates nothing more', async () => {
    const key = newKey();
    const first = await root.post('/v1/principals', body, key);
    const second = await root.post('/v1/principals', { name: 'once', type: 'service' }, key);
    expectReplay(second, first);
    expect(second.body).toEqual(first.body);
    const { data } = (await root.get(`/v1/audit-events?resource_id=${first.body.id}`)).body;
    expect(data).toHaveLength(1);
  });

  it('of an issued or rotated key replays all but the key, which was never stored', async () => {
    const { id } = await api.principal();
    const [issuing, rotating] = [newKey(), newKey()];
    const issue = { name: 'k', scopes: [], environment: 'live' };
    const first = await root.post(`/v1/principals/${id}/keys`, issue, issuing);
    const second = await root.post(`/v1/principals/${id}/keys`, issue, issuing);
    expectReplay(second, first);
    expect(second.body).toEqual({ ...first.body, key: null });
    const url = `/v1/keys/${first.body.id}/rotate`;
    const rotated = await root.post(url, {}, rotating);
    const again = await root.post(url, {}, rotating);
    expectReplay(again, rotated);
    expect(again.body).toEqual({ ...rotated.body, key: null, propagation: CONFIRMED });
    expect((await root.get(`/v1/keys/${first.body.id}`)).body.versions).toHaveLength(2);
    expect((await root.get(`/v1/principals/${id}/keys`)).body.data).toHaveLength(1);
  });

  it('is taken by every route that creates', async () => {
    const creations: [string, object][] = [
      ['/v1/organizations', { name: 'x' }],
      ['/v1/roles', { name: 'idempotent', scopes: [] }],
      ['/v1/resource-servers', { audience: 'https://once.example', name: 'x', scopes: [] }],
      ['/v1/signing-keys', { alg: 'ES256' }],
    ];
    for (const [url, creation] of creations) {
      const key = newKey();
      const first = await root.post(url, creation, key);
      const second = await root.post(url, creation, key);
      expectReplay(second, first);
      expect(second.body).toEqual(first.body);
    }
  });

  it('of concurrent requests creates once, and all get the same', async () => {
    for (let round = 0; round < 3; round += 1) {
      const key = newKey();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => root.post('/v1/principals', body, key)),
      );
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
      expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
      const replays = answers.filter((answer) => answer.headers['idempotency-replayed']);
      expect(replays).toHaveLength(7);
    }
  });

  it('that came with another request is refused', async () => {
    const key = newKey();
    const { id } = await api.principal();
    await root.post('/v1/principals', body, key);
    const others = await Promise.all([
      root.post('/v1/principals', { ...body, name: 'another' }, key),
      root.post('/v1/organizations', { name: 'once' }, key),
      root.post(`/v1/principals/${id}/keys`, { name: 'k', scopes: [], environment: 'live' }, key),
    ]);
    for (const answer of others) {
      expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused']);
    }
    expect((await root.get(`/v1/principals/${id}/keys`)).body.data).toEqual([]);
  });

  it('belongs to the principal, by whichever of its keys', async () => {
    const key = newKey();
    const { id } = await api.principal({ scopes: ['countersign:principals:write'] });
    const mine = { scopes: ['countersign:principals:write'] };
    const one = api.as((await api.key(id, mine)).key);
    const two = api.as((await api.key(id, mine)).key);
    const [first, second, others] = [
      await one.post('/v1/principals', body, key),
      await two.post('/v1/principals', body, key),
      await root.post('/v1/principals', body, key),
    ];
    expectReplay(second, first);
    expect(second.body).toEqual(first.body);
    expect(others.status).toBe(201);
    expect(others.body.id).not.toBe(first.body.id);
  });

  it('of a request that failed is free again', async () => {
    const key = newKey();
    const failures = [
      await root.post('/v1/principals', { type: 'nobody' }, key),
      await root.post('/v1/principals', { ...body, roles: ['absent'] }, key),
      await root.post('/v1/principals', { ...body, organization_id: `org_${ULID}` }, key),
    ];
    expect(failures.map(({ status }) => status)).toEqual([422, 422, 404]);
    const stored = await api.dataSource.query('SELECT 1 FROM idempotency_keys WHERE key = $1', [
      key['idempotency-key'],
    ]);
    expect(stored).toEqual([]);
    const answer = await root.post('/v1/principals', body, key);
    expect(answer.status).toBe(201);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
  });

  it('is forgotten after a day', async () => {
    const key = newKey();
    const first = await root.post('/v1/principals', body, key);
    await api.age('idempotency_keys', 'key', key['idempotency-key'], 86_390);
    expectReplay(await root.post('/v1/principals', body, key), first);
    await api.age('idempotency_keys', 'key', key['idempotency-key'], 11);
    const anew = await root.post('/v1/principals', { ...body, name: 'another' }, key);
    expect(anew.status).toBe(201);
    expect(anew.body.id).not.toBe(first.body.id);
    expectReplay(await root.post('/v1/principals', { ...body, name: 'another' }, key), anew);
  });

  it.each(['', 'x'.repeat(129), 'é', 'tab\there'])('cannot be %j', async (key) => {
    const answer = await root.post('/v1/principals', body, { 'idempotency-key': key });
    expect([answer.status, answer.body.errors[0].field]).toEqual([422, 'Idempotency-Key']);
  });
});

describe('the OpenAPI document', () => {
  it('describes every route of the admin API, with the problems that it answers', () => {
    const document = buildOpenApiDocument(api.app);
    const operations = Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
      );
    const declared = routes.filter(({ path }) => path.startsWith('/v1/'));
    expect(operations).toHaveLength(declared.length);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      const what = `${method} ${path}`;
      expect([what, statuses]).toEqual([what, expect.arrayContaining(['400', '401', '503'])]);
      expect([what, operation.security?.length]).toEqual([what, 2]);
      expect([what, operation.tags?.length]).toEqual([what, 1]);
      if (path.includes('{'))
        expect([what, statuses]).toEqual([what, expect.arrayContaining(['404'])]);
      if (method === 'post' || method === 'patch') {
        const sized = operation.requestBody === undefined || statuses.includes('413');
        expect([what, sized]).toEqual([what, true]);
      }
    }
  });

  it('refers to nothing that is not in it', () => {
    const document = buildOpenApiDocument(api.app);
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, id]) => id);
    expect(references.length).toBeGreaterThan(50);
    const known = Object.keys(document.components?.schemas ?? {});
    expect(references.filter((id) => !known.includes(id ?? ''))).toEqual([]);
    expect(known).toEqual(expect.arrayContaining(['Problem', 'ApiKey', 'CreateApiKey']));
  });
});

// Last: nothing works after it.
describe('without what it depends on, a change', () => {
  it('that was saved and is not applied says so, also to a retry', async () => {
    jest.spyOn(api.app.get(ChangeFollower), 'waitUntilApplied').mockResolvedValue(false);
    const { id } = await api.principal();
    const key = { 'idempotency-key': 'unapplied' };
    const issue = { name: 'unapplied', scopes: [], environment: 'live' };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const answer = await root.post(`/v1/principals/${id}/keys`, issue, key);
      expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
      expect(answer.body.detail).toContain('was saved');
      expect(answer.headers['retry-after']).toBe('5');
    }
    expect((await root.get(`/v1/principals/${id}/keys`)).body.data).toHaveLength(1);
  });

  it('is unavailable, and so is reading', async () => {
    await api.dataSource.destroy();
    const answers = await Promise.all([
      root.get('/v1/keys'),
      root.get(`/v1/principals/prn_${ULID}`),
      root.post('/v1/organizations', { name: 'x' }),
      root.post('/v1/organizations', { name: 'x' }, { 'idempotency-key': 'x' }),
    ]);
    for (const answer of answers) {
      expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
      expect(answer.headers['retry-after']).toBeDefined();
    }
  });
});
