import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SIGNING_ALGORITHMS, type SigningKey } from '@countersign/contracts';
import type { AdminCaller } from './admin-caller.js';
import { type AdminApi, startAdminApi } from './admin-api.js';
import { CONFIRMED } from './confirmed.js';

// Other work on the machine makes a test wait, but not fail.
jest.setTimeout(60_000);

let api: AdminApi;
let root: AdminCaller;

beforeAll(async () => {
  api = await startAdminApi();
  root = api.root;
});

afterAll(() => api.stop());

const age = (kid: string, seconds: number) => api.age('signing_keys', 'kid', kid, seconds);
const read = async (kid: string): Promise<SigningKey> =>
  (await root.get(`/v1/signing-keys/${kid}`)).body;
const prepare = (alg = 'ES256') => root.create<SigningKey>('/v1/signing-keys', { alg });

async function active(alg = 'ES256'): Promise<SigningKey> {
  const { data } = (await root.get(`/v1/signing-keys?alg=${alg}&status=active`)).body;
  expect(data).toHaveLength(1);
  return data[0];
}

async function sealed(kid: string): Promise<{ sealed: boolean; ttl: number }> {
  const [row] = await api.dataSource.query(
    `SELECT sealed_private_jwk IS NOT NULL AS sealed, longest_ttl_seconds AS ttl
     FROM signing_keys WHERE kid = $1`,
    [kid],
  );
  return row;
}

describe('a signing key', () => {
  it('is prepared, and shown without its private part', async () => {
    const answer = await root.post('/v1/signing-keys', { alg: 'Ed25519' });
    expect(answer.status).toBe(201);
    const key = answer.body;
    expect(answer.headers['location']).toBe(`/v1/signing-keys/${key.kid}`);
    expect(key).toMatchObject({ alg: 'Ed25519', status: 'next', activated_at: null });
    expect(Object.keys(key.public_jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    const waits = Date.parse(key.activatable_at) - Date.parse(key.created_at);
    expect(waits).toBe((300 + 60) * 1000);
    expect(await read(key.kid)).toEqual(key);
  });

  it('is not activated before every cache of the JWKS can have seen it', async () => {
    const key = await prepare();
    const early = await root.post(`/v1/signing-keys/${key.kid}/activate`);
    expect([early.status, early.body.code]).toEqual([409, 'too_early']);
    expect(early.body.detail).toContain(key.activatable_at);
    await age(key.kid, 355);
    expect((await root.post(`/v1/signing-keys/${key.kid}/activate`)).status).toBe(409);
    expect((await read(key.kid)).status).toBe('next');
    await age(key.kid, 6);
    const activated = await root.post(`/v1/signing-keys/${key.kid}/activate`);
    expect([activated.status, activated.body.status]).toEqual([200, 'active']);
  });

  it('retires the one before it when it is activated, and nothing else does', async () => {
    const before = await active();
    const refused = await root.post(`/v1/signing-keys/${before.kid}/retire`);
    expect([refused.status, refused.body.code]).toEqual([409, 'wrong_state']);
    const key = await prepare();
    await age(key.kid, 400);
    await root.post(`/v1/signing-keys/${key.kid}/activate`);
    expect((await active()).kid).toBe(key.kid);
    expect(await read(before.kid)).toMatchObject({
      status: 'retiring',
      retired_at: expect.any(String),
    });
    const { data } = (await root.get(`/v1/audit-events?resource_id=${before.kid}`)).body;
    expect(data[0].action).toBe('signing_key.retired');
  });

  it('is removed only when its last token has expired, and its private part with it', async () => {
    const key = await prepare();
    await age(key.kid, 400);
    await root.post(`/v1/signing-keys/${key.kid}/activate`);
    const server = await root.post('/v1/resource-servers', {
      audience: 'https://long.example',
      name: 'long',
      scopes: [],
      access_token_ttl_seconds: 7_200,
    });
    expect(server.status).toBe(201);
    expect(await sealed(key.kid)).toEqual({ sealed: true, ttl: 7_200 });
    const next = await prepare();
    await age(next.kid, 400);
    await root.post(`/v1/signing-keys/${next.kid}/activate`);

    const retiring = await read(key.kid);
    const waits = Date.parse(retiring.removable_at ?? '') - Date.parse(retiring.retired_at ?? '');
    expect(waits).toBe((7_200 + 60) * 1000);
    const early = await root.post(`/v1/signing-keys/${key.kid}/remove`);
    expect([early.status, early.body.code]).toEqual([409, 'too_early']);
    expect(early.body.detail).toContain(retiring.removable_at);
    await age(key.kid, 7_261);
    const removed = await root.post(`/v1/signing-keys/${key.kid}/remove`);
    expect([removed.status, removed.body.status]).toEqual([200, 'removed']);
    expect((await sealed(key.kid)).sealed).toBe(false);
    const again = await root.post(`/v1/signing-keys/${key.kid}/remove`);
    expect([again.status, again.body]).toEqual([200, { ...removed.body, propagation: CONFIRMED }]);
  });

  it('that never signed is given up without a wait', async () => {
    const key = await prepare();
    const retired = await root.post(`/v1/signing-keys/${key.kid}/retire`);
    expect(retired.body.status).toBe('retiring');
    const removed = await root.post(`/v1/signing-keys/${key.kid}/remove`);
    expect(removed.body.status).toBe('removed');
    const activated = await root.post(`/v1/signing-keys/${key.kid}/activate`);
    expect([activated.status, activated.body.code]).toEqual([409, 'wrong_state']);
  });

  it('is activated by one of many at once, so that one signs', async () => {
    const keys = await Promise.all([prepare(), prepare(), prepare()]);
    for (const { kid } of keys) await age(kid, 400);
    const answers = await Promise.all(
      keys.map(({ kid }) => root.post(`/v1/signing-keys/${kid}/activate`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(keys.map(({ kid }) => kid)).toContain((await active()).kid);
  });

  it('knows a lifetime that is raised while it is being made', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const ttl = 10_000 + round;
      const [key] = await Promise.all([
        prepare(),
        root.create('/v1/resource-servers', {
          audience: `https://race${round}.example`,
          name: 'race',
          scopes: [],
          access_token_ttl_seconds: ttl,
        }),
      ]);
      expect((await sealed(key.kid)).ttl).toBe(ttl);
    }
  });

  it('knows the lifetime of a resource server that is changed, and never a shorter one', async () => {
    const server = await root.create<{ id: string }>('/v1/resource-servers', {
      audience: 'https://changing.example',
      name: 'c',
      scopes: [],
    });
    const { kid } = await active();
    const url = `/v1/resource-servers/${server.id}`;
    await root.patch(url, { access_token_ttl_seconds: 20_000 });
    expect((await sealed(kid)).ttl).toBe(20_000);
    await root.patch(url, { access_token_ttl_seconds: null });
    expect((await sealed(kid)).ttl).toBe(20_000);
    expect((await sealed((await prepare()).kid)).ttl).toBeLessThan(20_000);
  });
});

describe('a compromised signing key', () => {
  beforeEach(async () => {
    const { data } = (await root.get('/v1/signing-keys?status=next&limit=200')).body;
    for (const { kid } of data) await root.post(`/v1/signing-keys/${kid}/retire`);
  });

  it('that is active is replaced at once by the newest that was prepared', async () => {
    const before = await active();
    await prepare();
    const newest = await prepare();
    await prepare('RS256');
    const answer = await root.post(`/v1/signing-keys/${before.kid}/compromise`, {
      reason: 'published by mistake',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'compromised',
      compromised_reason: 'published by mistake',
      compromised_at: expect.any(String),
    });
    expect((await active()).kid).toBe(newest.kid);
    expect(await sealed(before.kid)).toMatchObject({ sealed: false });
  });

  it('that is active is replaced by a fresh one where none was prepared', async () => {
    for (const alg of SIGNING_ALGORITHMS) {
      const { kid, created_at } = await active(alg);
      await root.post(`/v1/signing-keys/${kid}/compromise`);
      const fresh = await active(alg);
      expect(fresh.kid).not.toBe(kid);
      expect(fresh.created_at >= created_at).toBe(true);
      expect(fresh.activated_at).toBe(fresh.created_at);
      expect(await sealed(fresh.kid)).toEqual({ sealed: true, ttl: expect.any(Number) });
    }
  });

  it('is replaced once, however many declare it at once', async () => {
    const { kid } = await active();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => root.post(`/v1/signing-keys/${kid}/compromise`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await active();
  });

  it('may be one that was prepared, retires or was removed, and replaces nothing then', async () => {
    const signer = await active();
    const prepared = await prepare();
    const retiring = await prepare();
    await root.post(`/v1/signing-keys/${retiring.kid}/retire`);
    const removed = await prepare();
    await root.post(`/v1/signing-keys/${removed.kid}/retire`);
    await root.post(`/v1/signing-keys/${removed.kid}/remove`);
    for (const { kid } of [prepared, retiring, removed]) {
      const answer = await root.post(`/v1/signing-keys/${kid}/compromise`);
      expect([answer.status, answer.body.status]).toEqual([200, 'compromised']);
      const again = await root.post(`/v1/signing-keys/${kid}/activate`);
      expect(again.body.code).toBe('wrong_state');
    }
    expect((await active()).kid).toBe(signer.kid);
  });
});

describe('signing keys', () => {
  it('are listed newest first, each once', async () => {
    const listed: SigningKey[] = [];
    let cursor = '';
    do {
      const { body } = await root.get(`/v1/signing-keys?limit=2${cursor}`);
      listed.push(...body.data);
      cursor = body.next_cursor && `&cursor=${body.next_cursor}`;
    } while (cursor);
    const [{ count }] = await api.dataSource.query('SELECT count(*)::int FROM signing_keys');
    expect(new Set(listed.map(({ kid }) => kid)).size).toBe(count);
    const moments = listed.map((key) => key.created_at);
    expect(moments).toEqual(moments.toSorted().reverse());
    expect((await root.get('/v1/signing-keys?cursor=abc')).status).toBe(422);
  });

  it('that do not exist, or whose kid cannot be one, are not found', async () => {
    for (const kid of ['x', 'k'.repeat(43), 'k'.repeat(44), "k'--", '%00']) {
      const answers = await Promise.all([
        root.get(`/v1/signing-keys/${kid}`),
        root.post(`/v1/signing-keys/${kid}/activate`),
        root.post(`/v1/signing-keys/${kid}/compromise`),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    }
  });
});

describe('roles', () => {
  it('are created, shown, changed and deleted', async () => {
    const created = await root.post('/v1/roles', { name: 'editor', scopes: ['b', 'a'] });
    expect(created.status).toBe(201);
    const url = `/v1/roles/${created.body.id}`;
    expect(created.headers['location']).toBe(url);
    expect(created.body).toMatchObject({ scopes: ['a', 'b'], description: null });
    expect((await root.get(url)).body).toEqual(created.body);
    expect((await root.get('/v1/roles?name=editor')).body.data).toEqual([created.body]);
    const patched = await root.patch(url, { description: 'may edit', scopes: null });
    expect(patched.body).toMatchObject({ description: 'may edit', scopes: [] });
    const again = await root.post('/v1/roles', { name: 'editor', scopes: [] });
    expect([again.status, again.body.errors]).toEqual([
      409,
      [{ field: 'name', message: 'is taken' }],
    ]);
    expect((await root.delete(url)).status).toBe(200);
    expect((await root.get(url)).status).toBe(404);
  });

  it('change what their holders may do by the time that they answer', async () => {
    const role = await root.create<{ id: string }>('/v1/roles', { name: 'live', scopes: ['a'] });
    const { id } = await api.principal({ roles: ['live'] });
    const { key } = await api.key(id, { scopes: ['a', 'b'] });
    const scopes = async () => (await api.as(key).get('/whoami')).body.scopes;
    expect(await scopes()).toEqual(['a']);
    await root.patch(`/v1/roles/${role.id}`, { scopes: ['b'] });
    expect(await scopes()).toEqual(['b']);
  });

  it('are not deleted while a principal holds them', async () => {
    const role = await root.create<{ id: string }>('/v1/roles', { name: 'held', scopes: [] });
    const { id } = await api.principal({ roles: ['held'] });
    const answer = await root.delete(`/v1/roles/${role.id}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'in_use']);
    await root.patch(`/v1/principals/${id}`, { roles: [] });
    expect((await root.delete(`/v1/roles/${role.id}`)).status).toBe(200);
  });

  it('are not deleted under a grant that is being made', async () => {
    for (let round = 0; round < 5; round += 1) {
      const name = `racing${round}`;
      const role = await root.create<{ id: string }>('/v1/roles', { name, scopes: [] });
      const [granted, deleted] = await Promise.all([
        root.post('/v1/principals', { type: 'user', name: 'x', roles: [name] }),
        root.delete(`/v1/roles/${role.id}`),
      ]);
      expect([
        [201, 409],
        [422, 200],
      ]).toContainEqual([granted.status, deleted.status]);
    }
  });
});

describe('resource servers', () => {
  it('are created, shown, changed and deleted', async () => {
    const { id: one } = await api.principal();
    const { id: two } = await api.principal();
    const created = await root.post('/v1/resource-servers', {
      audience: 'https://api.example.com',
      name: 'API',
      scopes: ['read:users'],
      principal_ids: [one],
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      access_token_ttl_seconds: 300,
      signing_alg: 'RS256',
      token_typ: 'at+jwt',
      principal_ids: [one],
    });
    const url = `/v1/resource-servers/${created.body.id}`;
    expect(created.headers['location']).toBe(url);
    expect((await root.get(url)).body).toEqual(created.body);
    const search = `audience=${encodeURIComponent('https://api.example.com')}`;
    expect((await root.get(`/v1/resource-servers?${search}`)).body.data).toEqual([created.body]);
    const patched = await root.patch(url, {
      name: 'renamed',
      signing_alg: 'ES256',
      token_typ: 'JWT',
      principal_ids: [two],
    });
    expect(patched.body).toMatchObject({
      name: 'renamed',
      signing_alg: 'ES256',
      token_typ: 'JWT',
      principal_ids: [two],
    });
    const reset = await root.patch(url, {
      signing_alg: null,
      token_typ: null,
      principal_ids: null,
    });
    expect(reset.body).toMatchObject({
      signing_alg: 'RS256',
      token_typ: 'at+jwt',
      principal_ids: [],
    });
    const again = await root.post('/v1/resource-servers', {
      audience: 'https://api.example.com',
      name: 'again',
      scopes: [],
    });
    expect([again.status, again.body.errors[0].field]).toEqual([409, 'audience']);
    expect((await root.delete(url)).status).toBe(200);
    expect((await root.get(url)).status).toBe(404);
  });

  it('announce whom they let act, and whom they no longer do', async () => {
    const { id: one } = await api.principal();
    const { id: two } = await api.principal();
    const announced = async (): Promise<string[]> => {
      const rows: { subject: string }[] = await api.dataSource.query(
        'SELECT subject FROM changes ORDER BY position DESC LIMIT 3',
      );
      return rows.map(({ subject }) => subject);
    };
    const server = await root.create<{ id: string }>('/v1/resource-servers', {
      audience: 'https://acting.example',
      name: 's',
      scopes: [],
      principal_ids: [one],
    });
    expect(await announced()).toEqual(expect.arrayContaining([one, server.id]));
    await root.patch(`/v1/resource-servers/${server.id}`, { principal_ids: [two] });
    expect(await announced()).toEqual(expect.arrayContaining([one, two, server.id]));
    await root.delete(`/v1/resource-servers/${server.id}`);
    expect(await announced()).toEqual(expect.arrayContaining([two, server.id]));
  });

  it('are refused with principals that do not exist', async () => {
    const { id } = await api.principal();
    const answer = await root.post('/v1/resource-servers', {
      audience: 'https://absent.example',
      name: 's',
      scopes: [],
      principal_ids: [id, 'prn_01JD0000000000000000000000'],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([
      { field: 'principal_ids.1', message: 'is not the id of a principal' },
    ]);
  });
});

describe('audit events', () => {
  it('are found by who, what, when', async () => {
    const caller = await api.caller(['countersign:principals:write']);
    const actor = (await caller.get('/whoami')).body;
    const made = await caller.create<{ id: string }>('/v1/principals', { type: 'user', name: 'x' });
    const find = async (search: string) => {
      const { data } = (await root.get(`/v1/audit-events?${search}`)).body;
      return data.map((event: { resource: { id: string } }) => event.resource.id);
    };
    expect(await find(`actor_principal_id=${actor.subject}`)).toEqual([made.id]);
    expect(await find(`resource_type=principal&resource_id=${made.id}`)).toEqual([made.id]);
    expect(await find(`resource_type=key&resource_id=${made.id}`)).toEqual([]);
    expect(await find(`action=principal.created&resource_id=${made.id}`)).toEqual([made.id]);
    const [event] = (await root.get(`/v1/audit-events?resource_id=${made.id}`)).body.data;
    expect(event).toMatchObject({
      actor: {
        principal_id: actor.subject,
        credential_type: 'api_key',
        credential_id: actor.credential.id,
      },
      before: null,
      after: { id: made.id },
    });
    expect((await root.get(`/v1/audit-events/${event.id}`)).body).toEqual(event);
    const { occurred_at: at } = event;
    const later = new Date(Date.parse(at) + 1).toISOString();
    expect(await find(`resource_id=${made.id}&from=${at}&to=${later}`)).toEqual([made.id]);
    expect(await find(`resource_id=${made.id}&to=${at}`)).toEqual([]);
    expect(await find(`resource_id=${made.id}&from=${later}`)).toEqual([]);
  });
});
