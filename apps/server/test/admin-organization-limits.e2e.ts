import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type IssuedApiKey,
  identifier,
  type Organization,
  type PrincipalResource,
} from '@countersign/contracts';
import type { AdminAnswer, AdminCaller } from './admin-caller.js';
import { type AdminApi, startAdminApi } from './admin-api.js';

const EVERYTHING = [
  'countersign:organizations:read',
  'countersign:organizations:write',
  'countersign:principals:read',
  'countersign:principals:write',
  'countersign:keys:read',
  'countersign:keys:write',
  'countersign:roles:read',
  'countersign:roles:write',
  'countersign:resource-servers:read',
  'countersign:resource-servers:write',
  'countersign:signing-keys:read',
  'countersign:signing-keys:write',
  'countersign:audit-events:read',
];
const ABSENT = '01JD0000000000000000000000';

// Other work on the machine makes a test wait, but not fail.
jest.setTimeout(60_000);

let api: AdminApi;
let own: Organization;
let foreign: Organization;
let theirs: PrincipalResource;
let theirKey: IssuedApiKey;
let nobodys: PrincipalResource;
let nobodysKey: IssuedApiKey;
/** One with every scope by name, one that administers: both are limited to `own`. */
let limited: [AdminCaller, AdminCaller];

beforeAll(async () => {
  api = await startAdminApi();
  own = await api.organization('own');
  foreign = await api.organization('foreign');
  theirs = await api.principal({ organization_id: foreign.id, external_id: 'theirs' });
  theirKey = await api.key(theirs.id);
  nobodys = await api.principal();
  nobodysKey = await api.key(nobodys.id);
  limited = [await api.caller(EVERYTHING, own.id), await api.caller(['countersign:admin'], own.id)];
});

afterAll(() => api.stop());

/** The answer without what differs from request to request. */
function essence({ status, headers, body }: AdminAnswer) {
  const { request_id: _, ...rest } = body;
  return { status, type: headers['content-type'], rest };
}

describe('a caller that is limited to an organization', () => {
  it('cannot tell what belongs to another from what does not exist', async () => {
    const body = { name: 'k', scopes: [], environment: 'live' };
    for (const caller of limited) {
      const at = [
        (p: string) => caller.get(`/v1/principals/${p}`),
        (p: string) => caller.patch(`/v1/principals/${p}`, { name: 'taken over' }),
        (p: string) => caller.delete(`/v1/principals/${p}`),
        (p: string) => caller.get(`/v1/principals/${p}/keys`),
        (p: string) => caller.post(`/v1/principals/${p}/keys`, body),
      ];
      for (const call of at) {
        const absent = essence(await call(`prn_${ABSENT}`));
        expect(absent.status).toBe(404);
        expect(essence(await call(theirs.id))).toEqual(absent);
        expect(essence(await call(nobodys.id))).toEqual(absent);
      }
      const atKey = [
        (k: string) => caller.get(`/v1/keys/${k}`),
        (k: string) => caller.patch(`/v1/keys/${k}`, { status: 'disabled' }),
        (k: string) => caller.delete(`/v1/keys/${k}`),
        (k: string) => caller.post(`/v1/keys/${k}/rotate`),
        (k: string) => caller.post(`/v1/keys/${k}/revoke`),
      ];
      for (const call of atKey) {
        const absent = essence(await call(`key_${ABSENT}`));
        expect(absent.status).toBe(404);
        expect(essence(await call(theirKey.id))).toEqual(absent);
        expect(essence(await call(nobodysKey.id))).toEqual(absent);
      }
      const atOrganization = [
        (o: string) => caller.get(`/v1/organizations/${o}`),
        (o: string) => caller.patch(`/v1/organizations/${o}`, { status: 'disabled' }),
        (o: string) => caller.delete(`/v1/organizations/${o}`),
        (o: string) =>
          caller.post('/v1/principals', { type: 'user', name: 'x', organization_id: o }),
      ];
      for (const call of atOrganization) {
        const absent = essence(await call(`org_${ABSENT}`));
        expect(absent.status).toBe(404);
        expect(essence(await call(foreign.id))).toEqual(absent);
      }
    }
    expect((await api.root.get(`/v1/principals/${theirs.id}`)).body).toEqual(theirs);
    expect((await api.root.get(`/v1/keys/${theirKey.id}`)).body.status).toBe('active');
    expect((await api.root.get(`/v1/organizations/${foreign.id}`)).body).toEqual(foreign);
  });

  it('lists only what is its own, whatever it filters by', async () => {
    for (const caller of limited) {
      for (const url of ['/v1/principals', '/v1/keys', '/v1/audit-events']) {
        const { data } = (await caller.get(`${url}?limit=200`)).body;
        expect(data.length).toBeGreaterThan(0);
        const text = JSON.stringify(data);
        for (const id of [foreign.id, theirs.id, theirKey.id, nobodys.id, nobodysKey.id]) {
          expect(text).not.toContain(id);
        }
        const filtered = (await caller.get(`${url}?organization_id=${foreign.id}`)).body;
        expect(filtered).toEqual({ data: [], next_cursor: null });
      }
      expect((await caller.get('/v1/principals?external_id=theirs')).body.data).toEqual([]);
      expect((await caller.get(`/v1/keys?principal_id=${theirs.id}`)).body.data).toEqual([]);
      const events = await caller.get(`/v1/audit-events?resource_id=${theirs.id}`);
      expect(events.body.data).toEqual([]);
      const { data } = (await caller.get('/v1/organizations')).body;
      expect(data.map((row: Organization) => row.id)).toEqual([own.id]);
    }
  });

  it('pages by no cursor into what is not its own', async () => {
    const [caller] = limited;
    const all = (await api.root.get('/v1/keys?limit=1')).body;
    const page = (await caller.get(`/v1/keys?limit=200&cursor=${all.next_cursor}`)).body;
    for (const key of page.data) {
      expect((await api.root.get(`/v1/principals/${key.principal_id}`)).body).toMatchObject({
        organization_id: own.id,
      });
    }
  });

  it('does not show an audit event of another organization, nor of none', async () => {
    const [caller] = limited;
    const all = (await api.root.get('/v1/audit-events?limit=200')).body.data;
    const absent = essence(await caller.get(`/v1/audit-events/aud_${ABSENT}`));
    for (const event of all) {
      const answer = await caller.get(`/v1/audit-events/${event.id}`);
      if (event.organization_id === own.id) expect(answer.body).toEqual(event);
      else expect(essence(answer)).toEqual(absent);
    }
  });

  it('creates principals in its own organization, and in no other nor in none', async () => {
    for (const caller of limited) {
      const body = { type: 'service', name: 'x' };
      const unsaid = await caller.post('/v1/principals', body);
      expect([unsaid.status, unsaid.body.organization_id]).toEqual([201, own.id]);
      const said = await caller.post('/v1/principals', { ...body, organization_id: own.id });
      expect(said.status).toBe(201);
      const other = await caller.post('/v1/principals', { ...body, organization_id: foreign.id });
      expect([other.status, other.body.code]).toEqual([404, 'not_found']);
      const none = await caller.post('/v1/principals', { ...body, organization_id: null });
      expect([none.status, none.body.code]).toEqual([403, 'not_permitted']);
    }
  });

  it('moves no principal between organizations', async () => {
    const [caller] = limited;
    const { body } = await caller.post('/v1/principals', { type: 'user', name: 'x' });
    const answer = await caller.patch(`/v1/principals/${body.id}`, {
      organization_id: foreign.id,
    });
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
  });

  it('administers its own principals and keys', async () => {
    for (const caller of limited) {
      const principal = await caller.create<PrincipalResource>('/v1/principals', {
        type: 'service',
        name: 'mine',
      });
      const key = await caller.create<IssuedApiKey>(`/v1/principals/${principal.id}/keys`, {
        name: 'k',
        scopes: [],
        environment: 'live',
      });
      expect((await caller.post(`/v1/keys/${key.id}/rotate`)).status).toBe(201);
      expect((await caller.post(`/v1/keys/${key.id}/revoke`)).status).toBe(200);
      expect((await caller.delete(`/v1/keys/${key.id}`)).status).toBe(200);
      expect((await caller.delete(`/v1/principals/${principal.id}`)).status).toBe(200);
    }
  });

  it('changes its own organization, and cannot delete it while it is in it', async () => {
    const [caller] = limited;
    const renamed = await caller.patch(`/v1/organizations/${own.id}`, { name: 'renamed' });
    expect([renamed.status, renamed.body.name]).toEqual([200, 'renamed']);
    const answer = await caller.delete(`/v1/organizations/${own.id}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'in_use']);
  });

  it('may not touch what concerns every organization', async () => {
    const role = await api.root.create<{ id: string }>('/v1/roles', { name: 'r', scopes: [] });
    const server = await api.root.create<{ id: string }>('/v1/resource-servers', {
      audience: 'https://limits.example',
      name: 's',
      scopes: [],
    });
    const { kid } = (await api.root.get('/v1/signing-keys')).body.data[0];
    for (const caller of limited) {
      const answers = await Promise.all([
        caller.post('/v1/organizations', { name: 'x' }),
        caller.post('/v1/roles', { name: 'x', scopes: [] }),
        caller.patch(`/v1/roles/${role.id}`, { scopes: [] }),
        caller.delete(`/v1/roles/${role.id}`),
        caller.delete(`/v1/roles/rol_${ABSENT}`),
        caller.post('/v1/resource-servers', { audience: 'a:b', name: 'x', scopes: [] }),
        caller.patch(`/v1/resource-servers/${server.id}`, { principal_ids: [] }),
        caller.delete(`/v1/resource-servers/${server.id}`),
        caller.get('/v1/signing-keys'),
        caller.get(`/v1/signing-keys/${kid}`),
        caller.post('/v1/signing-keys', { alg: 'ES256' }),
        caller.post(`/v1/signing-keys/${kid}/activate`),
        caller.post(`/v1/signing-keys/${kid}/retire`),
        caller.post(`/v1/signing-keys/${kid}/remove`),
        caller.post(`/v1/signing-keys/${kid}/compromise`),
      ]);
      for (const answer of answers) {
        expect([answer.status, answer.body.code]).toEqual([403, 'not_permitted']);
      }
    }
    expect((await api.root.get(`/v1/signing-keys/${kid}`)).body.status).toBe('active');
  });

  it('may read roles and resource servers, but not who acts for them elsewhere', async () => {
    const [caller] = limited;
    const { body: mine } = await caller.post('/v1/principals', { type: 'service', name: 'x' });
    const server = await api.root.create<{ id: string }>('/v1/resource-servers', {
      audience: 'https://acting.example',
      name: 's',
      scopes: [],
      principal_ids: [mine.id, theirs.id, nobodys.id],
    });
    const shown = await caller.get(`/v1/resource-servers/${server.id}`);
    expect(shown.body.principal_ids).toEqual([mine.id]);
    const listed = await caller.get('/v1/resource-servers?audience=https://acting.example');
    expect(listed.body.data[0].principal_ids).toEqual([mine.id]);
    expect((await caller.get('/v1/roles')).status).toBe(200);
  });

  it('stays limited by a key that it issues, and by one that is issued to it', async () => {
    const [, administrator] = limited;
    const principal = await administrator.create<PrincipalResource>('/v1/principals', {
      type: 'user',
      name: 'deputy',
      scopes: ['countersign:admin'],
    });
    const { key } = await administrator.create<{ key: string }>(
      `/v1/principals/${principal.id}/keys`,
      { name: 'k', scopes: ['countersign:admin'], environment: 'live' },
    );
    const deputy = api.as(key);
    expect((await deputy.get(`/v1/keys/${theirKey.id}`)).status).toBe(404);
    expect((await deputy.post('/v1/organizations', { name: 'x' })).status).toBe(403);
  });
});

describe('organizations', () => {
  it('are created, shown, changed and deleted', async () => {
    const { root } = api;
    const created = await root.post('/v1/organizations', { name: 'Acme', metadata: { a: 1 } });
    expect(created.status).toBe(201);
    expect(created.headers['location']).toBe(`/v1/organizations/${created.body.id}`);
    expect(identifier('organization').safeParse(created.body.id).success).toBe(true);
    const { id } = created.body;
    expect((await root.get(`/v1/organizations/${id}`)).body).toEqual(created.body);
    const patched = await root.patch(`/v1/organizations/${id}`, { metadata: { b: 2 } });
    expect(patched.body.metadata).toEqual({ a: 1, b: 2 });
    expect((await root.delete(`/v1/organizations/${id}`)).status).toBe(200);
    expect((await root.get(`/v1/organizations/${id}`)).status).toBe(404);
    const { data } = (await root.get(`/v1/audit-events?resource_id=${id}`)).body;
    expect(data.map((event: { action: string }) => event.action)).toEqual([
      'organization.deleted',
      'organization.updated',
      'organization.created',
    ]);
  });

  it('are not deleted while they have principals', async () => {
    const { id } = await api.organization();
    const principal = await api.principal({ organization_id: id });
    const answer = await api.root.delete(`/v1/organizations/${id}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'in_use']);
    await api.root.delete(`/v1/principals/${principal.id}`);
    expect((await api.root.delete(`/v1/organizations/${id}`)).status).toBe(200);
  });

  it('are not deleted under a principal that is being created', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await api.organization();
      const body = { type: 'service', name: 'x', organization_id: id };
      const [created, deleted] = await Promise.all([
        api.root.post('/v1/principals', body),
        api.root.delete(`/v1/organizations/${id}`),
      ]);
      expect([
        [201, 409],
        [404, 200],
      ]).toContainEqual([created.status, deleted.status]);
    }
  });

  it('that are disabled turn away every key in them by the time that they answer', async () => {
    const { id } = await api.organization();
    const caller = await api.caller(['countersign:keys:read'], id);
    expect((await caller.get('/v1/keys')).status).toBe(200);
    await api.root.patch(`/v1/organizations/${id}`, { status: 'disabled' });
    expect((await caller.get('/v1/keys')).status).toBe(401);
    expect((await api.root.get('/v1/organizations?status=disabled')).body.data).toMatchObject([
      { id },
    ]);
    await api.root.patch(`/v1/organizations/${id}`, { status: 'active' });
    expect((await caller.get('/v1/keys')).status).toBe(200);
  });
});
