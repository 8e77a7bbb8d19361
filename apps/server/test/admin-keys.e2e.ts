import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AdminCaller } from './admin-caller.js';
import { CONFIRMED } from './confirmed.js';
import { type AdminApi, startAdminApi } from './admin-api.js';

// Other work on the machine makes a test wait, but not fail.
jest.setTimeout(60_000);

let api: AdminApi;
let root: AdminCaller;

beforeAll(async () => {
  api = await startAdminApi();
  root = api.root;
});

afterAll(() => api.stop());

const works = async (key: string) => (await api.as(key).get('/whoami')).status === 200;

describe('issuing a key', () => {
  it('shows the key once, and never again', async () => {
    const { id } = await api.principal({ scopes: ['read:users'] });
    const answer = await root.post(`/v1/principals/${id}/keys`, {
      name: 'nightly export',
      scopes: ['read:users'],
      environment: 'live',
      metadata: { plan: 'gold' },
      audiences: ['https://api.example.com'],
      restrictions: { ips: ['10.0.0.0/8'] },
      expires_at: '2099-01-01T00:00:00+02:00',
    });
    expect(answer.status).toBe(201);
    const { key, ...shown } = answer.body;
    expect(key).toMatch(/^cs_live_[0-9A-Za-z]{69}$/);
    expect(answer.headers['location']).toBe(`/v1/keys/${shown.id}`);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_/),
      principal_id: id,
      name: 'nightly export',
      scopes: ['read:users'],
      environment: 'live',
      status: 'active',
      audiences: ['https://api.example.com'],
      restrictions: { ips: ['10.0.0.0/8'] },
      metadata: { plan: 'gold' },
      created_at: expect.any(String),
      updated_at: shown.created_at,
      expires_at: '2098-12-31T22:00:00.000Z',
      last_used_at: null,
      last_four: key.slice(-4),
      authentication: null,
      certificate_thumbprints: [],
      tls_client_certificate_bound_access_tokens: false,
      revoked_at: null,
      revoked_reason: null,
      versions: [
        {
          id: key.slice(8, 24),
          last_four: key.slice(-4),
          created_at: shown.created_at,
          expires_at: null,
        },
      ],
    });
    expect((await root.get(`/v1/keys/${shown.id}`)).body).toEqual(shown);
    expect((await root.get(`/v1/principals/${id}/keys`)).body.data).toEqual([shown]);
  });

  it('leaves the secret out of rows, audit trail and stored answers', async () => {
    const { id } = await api.principal();
    const body = { name: 'k', scopes: [], environment: 'test' };
    const answer = await root.post(`/v1/principals/${id}/keys`, body, {
      'idempotency-key': 'leak?',
    });
    const rows = await api.dataSource.query(
      `SELECT to_jsonb(t)::text AS row FROM api_keys t UNION ALL
       SELECT to_jsonb(t)::text FROM api_key_versions t UNION ALL
       SELECT to_jsonb(t)::text FROM audit_events t UNION ALL
       SELECT to_jsonb(t)::text FROM idempotency_keys t`,
    );
    const secret = answer.body.key.slice(24, -10);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows.length).toBeGreaterThan(3);
  });

  it('is refused for a principal that does not exist', async () => {
    const body = { name: 'k', scopes: [], environment: 'live' };
    const answer = await root.post('/v1/principals/prn_01JD0000000000000000000000/keys', body);
    expect(answer.status).toBe(404);
  });

  it('is refused with an expiry in the past', async () => {
    const { id } = await api.principal();
    const body = { name: 'k', scopes: [], environment: 'live', expires_at: 1_600_000_000 };
    const answer = await root.post(`/v1/principals/${id}/keys`, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([{ field: 'expires_at', message: 'must be in the future' }]);
  });

  it('is refused with a countersign scope that does not exist', async () => {
    const { id } = await api.principal();
    const body = { name: 'k', scopes: ['ok', 'countersign:root'], environment: 'live' };
    const answer = await root.post(`/v1/principals/${id}/keys`, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ field: 'scopes.1' }]);
  });
});

describe('a caller', () => {
  const admin = [
    'countersign:keys:write',
    'countersign:principals:write',
    'countersign:roles:write',
  ];

  it('issues no key with a scope that it does not hold, granted to the principal or not', async () => {
    const caller = await api.caller([...admin, 'read:users']);
    const granted = await api.principal({ scopes: ['read:users', 'write:users'] });
    const bare = await api.principal();
    const body = { name: 'k', scopes: ['read:users', 'write:users'], environment: 'live' };
    for (const { id } of [granted, bare]) {
      const answer = await caller.post(`/v1/principals/${id}/keys`, body);
      expect(answer.status).toBe(403);
      expect(answer.body.code).toBe('grant_exceeds_caller');
      expect(answer.body.detail).toContain('write:users');
      expect(answer.body.detail).not.toContain('read:users');
      const within = { ...body, scopes: ['read:users'] };
      expect((await caller.post(`/v1/principals/${id}/keys`, within)).status).toBe(201);
    }
  });

  it('rotates no key whose effective scopes it does not hold', async () => {
    const caller = await api.caller([...admin, 'read:users']);
    const { id } = await api.principal({ scopes: ['read:users', 'write:users'] });
    const stronger = await api.key(id, { scopes: ['write:users'] });
    const weaker = await api.key(id, { scopes: ['read:users'] });
    const refused = await caller.post(`/v1/keys/${stronger.id}/rotate`);
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe('grant_exceeds_caller');
    expect((await root.get(`/v1/keys/${stronger.id}`)).body.versions).toHaveLength(1);
    expect((await caller.post(`/v1/keys/${weaker.id}/rotate`)).status).toBe(201);
  });

  it('rotates no key whose scopes come to it by a role that goes beyond the caller', async () => {
    const caller = await api.caller(admin);
    await root.create('/v1/roles', { name: 'rotating', scopes: ['delete:users'] });
    const { id } = await api.principal({ roles: ['rotating'] });
    const key = await api.key(id, { scopes: ['delete:users'] });
    expect((await caller.post(`/v1/keys/${key.id}/rotate`)).status).toBe(403);
    await root.patch(`/v1/principals/${id}`, { roles: null });
    expect((await caller.post(`/v1/keys/${key.id}/rotate`)).status).toBe(201);
  });

  it('adds no scope to a key, a principal or a role that it does not hold', async () => {
    const caller = await api.caller([...admin, 'read:users']);
    const { id } = await api.principal({ scopes: ['write:users'] });
    const key = await api.key(id, { scopes: ['write:users'] });
    const role = await root.create<{ id: string }>('/v1/roles', {
      name: 'growing',
      scopes: ['write:users'],
    });
    for (const url of [`/v1/keys/${key.id}`, `/v1/principals/${id}`, `/v1/roles/${role.id}`]) {
      const beyond = await caller.patch(url, { scopes: ['write:users', 'delete:users'] });
      expect([url, beyond.status, beyond.body.code]).toEqual([url, 403, 'grant_exceeds_caller']);
      const within = await caller.patch(url, { scopes: ['write:users', 'read:users'] });
      expect([url, within.status]).toEqual([url, 200]);
      const fewer = await caller.patch(url, { scopes: [] });
      expect([url, fewer.status, fewer.body.scopes]).toEqual([url, 200, []]);
      const back = await caller.patch(url, { scopes: ['write:users'] });
      expect([url, back.status]).toEqual([url, 403]);
    }
  });

  it('grants a role only when it holds every scope of it', async () => {
    const caller = await api.caller([...admin, 'a', 'b']);
    await root.create('/v1/roles', { name: 'ab', scopes: ['a', 'b'] });
    await root.create('/v1/roles', { name: 'abc', scopes: ['a', 'b', 'c'] });
    const body = { type: 'service', name: 'x' };
    const create = (roles: string[]) => caller.post('/v1/principals', { ...body, roles });
    expect((await create(['ab'])).status).toBe(201);
    expect((await create(['abc'])).body.code).toBe('grant_exceeds_caller');
    const { id } = await api.principal({ roles: ['abc'] });
    // What it had before is nobody's new grant.
    const kept = await caller.patch(`/v1/principals/${id}`, { roles: ['ab', 'abc'] });
    expect([kept.status, kept.body.roles]).toEqual([200, ['ab', 'abc']]);
    expect((await caller.patch(`/v1/principals/${id}`, { roles: ['ab'] })).status).toBe(200);
    expect((await caller.patch(`/v1/principals/${id}`, { roles: ['abc'] })).status).toBe(403);
  });

  it('creates no role beyond itself, and nobody becomes administrator by one who is not', async () => {
    const caller = await api.caller(admin);
    const role = await caller.post('/v1/roles', { name: 'boss', scopes: ['countersign:admin'] });
    expect(role.body.code).toBe('grant_exceeds_caller');
    const self = (await caller.get('/whoami')).body.subject;
    const grown = await caller.patch(`/v1/principals/${self}`, { scopes: ['countersign:admin'] });
    expect(grown.body.code).toBe('grant_exceeds_caller');
  });

  it('grants by what its credential may do, not by what its principal might', async () => {
    const { id } = await api.principal({ scopes: ['countersign:keys:write', 'x'] });
    const { key } = await api.key(id, { scopes: ['countersign:keys:write'] });
    const body = { name: 'k', scopes: ['x'], environment: 'live' };
    const answer = await api.as(key).post(`/v1/principals/${id}/keys`, body);
    expect(answer.body.code).toBe('grant_exceeds_caller');
  });

  it('who administers everything grants everything', async () => {
    const { id } = await api.principal({ scopes: ['anything:at:all'] });
    await api.key(id, { scopes: ['anything:at:all', 'countersign:admin'] });
  });

  it('needs the scope of the resource, to read and to write', async () => {
    const reader = await api.caller(['countersign:keys:read']);
    expect((await reader.get('/v1/keys')).status).toBe(200);
    const refused = await reader.get('/v1/principals');
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toContain(
      'error="insufficient_scope", scope="countersign:principals:read"',
    );
    const { id } = await api.principal();
    const { id: keyId } = await api.key(id);
    expect((await reader.post(`/v1/keys/${keyId}/revoke`)).status).toBe(403);
    expect((await reader.delete(`/v1/keys/${keyId}`)).status).toBe(403);
    const writer = await api.caller(['countersign:keys:write']);
    expect((await writer.get('/v1/keys')).status).toBe(403);
  });
});

describe('rotating a key', () => {
  it('gives a new secret, while the one before works until its grace is over', async () => {
    const { id: principalId } = await api.principal();
    const first = await api.key(principalId);
    const answer = await root.post(`/v1/keys/${first.id}/rotate`, { grace_seconds: 3_600 });
    expect(answer.status).toBe(201);
    expect(answer.headers['location']).toBe(`/v1/keys/${first.id}`);
    expect(answer.body.key).not.toBe(first.key);
    expect(answer.body.last_four).toBe(answer.body.key.slice(-4));
    const [newest, earlier] = answer.body.versions;
    expect(newest).toMatchObject({ id: answer.body.key.slice(8, 24), expires_at: null });
    expect(earlier.id).toBe(first.key.slice(8, 24));
    const graceMs = Date.parse(earlier.expires_at) - Date.parse(answer.body.updated_at);
    expect(graceMs).toBe(3_600_000);
    expect(await works(first.key)).toBe(true);
    expect(await works(answer.body.key)).toBe(true);
  });

  it('without grace ends the one before by the time that it answers', async () => {
    const { id } = await api.principal();
    const first = await api.key(id);
    expect(await works(first.key)).toBe(true);
    const answer = await root.post(`/v1/keys/${first.id}/rotate`, { grace_seconds: 0 });
    expect(await works(first.key)).toBe(false);
    expect(await works(answer.body.key)).toBe(true);
  });

  it('again never prolongs a grace', async () => {
    const { id } = await api.principal();
    const first = await api.key(id);
    const once = await root.post(`/v1/keys/${first.id}/rotate`, { grace_seconds: 60 });
    const end = once.body.versions[1].expires_at;
    const twice = await root.post(`/v1/keys/${first.id}/rotate`, { grace_seconds: 86_400 });
    expect(twice.body.versions).toHaveLength(3);
    expect(twice.body.versions[2].expires_at).toBe(end);
    const thrice = await root.post(`/v1/keys/${first.id}/rotate`, { grace_seconds: 0 });
    const ends = thrice.body.versions.slice(1).map((v: { expires_at: string }) => v.expires_at);
    expect(ends).toEqual(Array(3).fill(thrice.body.updated_at));
  });

  it('takes a day of grace when no body says otherwise', async () => {
    const { id } = await api.principal();
    const first = await api.key(id);
    const answer = await root.send('POST', `/v1/keys/${first.id}/rotate`);
    expect(answer.status).toBe(201);
    const [, earlier] = answer.body.versions;
    expect(Date.parse(earlier.expires_at) - Date.parse(answer.body.updated_at)).toBe(86_400_000);
  });

  it('is refused once the key is revoked or expired', async () => {
    const { id } = await api.principal();
    const revoked = await api.key(id);
    await root.post(`/v1/keys/${revoked.id}/revoke`);
    const expired = await api.key(id, { expires_at: '2099-01-01T00:00:00Z' });
    await api.age('api_keys', 'id', expired.id, 100 * 365 * 86_400);
    for (const key of [revoked, expired]) {
      const answer = await root.post(`/v1/keys/${key.id}/rotate`);
      expect([answer.status, answer.body.code]).toEqual([409, 'wrong_state']);
    }
  });

  it('leaves at most ten secrets working, and without grace is never refused', async () => {
    const { id } = await api.principal();
    const first = await api.key(id);
    for (let round = 1; round < 10; round += 1) {
      expect((await root.post(`/v1/keys/${first.id}/rotate`)).status).toBe(201);
    }
    const refused = await root.post(`/v1/keys/${first.id}/rotate`);
    expect([refused.status, refused.body.code]).toEqual([409, 'wrong_state']);
    const last = await root.post(`/v1/keys/${first.id}/rotate`, { grace_seconds: 0 });
    expect(last.status).toBe(201);
    expect([await works(first.key), await works(last.body.key)]).toEqual([false, true]);
  });

  it('by many at once leaves exactly one version without an end', async () => {
    const { id } = await api.principal();
    const first = await api.key(id);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => root.post(`/v1/keys/${first.id}/rotate`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    const { versions } = (await root.get(`/v1/keys/${first.id}`)).body;
    expect(versions).toHaveLength(7);
    expect(versions.filter((v: { expires_at: null }) => v.expires_at === null)).toHaveLength(1);
  });
});

describe('revoking a key', () => {
  it('turns it away by the time that it answers, for good, and again changes nothing', async () => {
    const { id } = await api.principal();
    const key = await api.key(id);
    expect(await works(key.key)).toBe(true);
    const answer = await root.post(`/v1/keys/${key.id}/revoke`, { reason: 'leaked' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'revoked', revoked_reason: 'leaked' });
    expect(await works(key.key)).toBe(false);
    const again = await root.post(`/v1/keys/${key.id}/revoke`, { reason: 'another' });
    expect([again.status, again.body]).toEqual([200, { ...answer.body, propagation: CONFIRMED }]);
    for (const patch of [{ status: 'active' }, { name: 'renamed' }]) {
      expect((await root.patch(`/v1/keys/${key.id}`, patch)).body.code).toBe('wrong_state');
    }
    expect(await works(key.key)).toBe(false);
  });

  it('is put on record with its reason', async () => {
    const { id } = await api.principal();
    const key = await api.key(id);
    await root.post(`/v1/keys/${key.id}/revoke`, { reason: 'leaked' });
    const { data } = (await root.get(`/v1/audit-events?resource_id=${key.id}`)).body;
    expect(data.map((event: { action: string }) => event.action)).toEqual([
      'key.revoked',
      'key.created',
    ]);
    expect(data[0]).toMatchObject({
      reason: 'leaked',
      before: { status: 'active' },
      after: { status: 'revoked' },
      actor: { credential_type: 'api_key' },
      source: { ip: '127.0.0.1', request_id: expect.any(String) },
    });
  });
});

describe('changing a key', () => {
  it('disables and enables it by the time that it answers', async () => {
    const { id } = await api.principal();
    const key = await api.key(id);
    expect(await works(key.key)).toBe(true);
    const disabled = await root.patch(`/v1/keys/${key.id}`, { status: 'disabled' });
    expect(disabled.body.status).toBe('disabled');
    expect(await works(key.key)).toBe(false);
    await root.patch(`/v1/keys/${key.id}`, { status: 'active' });
    expect(await works(key.key)).toBe(true);
  });

  it('merges: what is not named stays, null removes', async () => {
    const { id } = await api.principal();
    const key = await api.key(id, {
      scopes: ['a'],
      metadata: { keep: 1, drop: 2, deep: { keep: 1, drop: 2 } },
      restrictions: { ips: ['10.0.0.1'] },
      audiences: ['https://a.example'],
      expires_at: '2099-01-01T00:00:00Z',
    });
    const first = await root.patch(`/v1/keys/${key.id}`, {
      metadata: { drop: null, deep: { drop: null }, added: true },
      restrictions: { methods: ['GET'] },
    });
    expect(first.body).toMatchObject({
      name: 'key',
      scopes: ['a'],
      restrictions: { ips: ['10.0.0.1'], methods: ['GET'] },
      expires_at: '2099-01-01T00:00:00.000Z',
    });
    expect(first.body.metadata).toEqual({ keep: 1, deep: { keep: 1 }, added: true });
    const second = await root.patch(`/v1/keys/${key.id}`, {
      scopes: null,
      metadata: null,
      restrictions: null,
      audiences: null,
      expires_at: null,
    });
    expect(second.body).toMatchObject({
      scopes: [],
      metadata: {},
      restrictions: null,
      audiences: [],
      expires_at: null,
    });
  });

  it('takes a merge patch by its media type', async () => {
    const { id } = await api.principal();
    const key = await api.key(id);
    const answer = await root.send('PATCH', `/v1/keys/${key.id}`, '{"name":"b"}', {
      'content-type': 'application/merge-patch+json',
    });
    expect([answer.status, answer.body.name]).toEqual([200, 'b']);
  });

  it('lets metadata not grow past its bound, patch by patch', async () => {
    const { id } = await api.principal();
    const key = await api.key(id, { metadata: { a: 'x'.repeat(600) } });
    const answer = await root.patch(`/v1/keys/${key.id}`, { metadata: { b: 'x'.repeat(600) } });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ field: 'metadata' }]);
  });

  it('that changes nothing leaves no trace', async () => {
    const { id } = await api.principal();
    const key = await api.key(id, { scopes: ['b', 'a'] });
    const answer = await root.patch(`/v1/keys/${key.id}`, { name: 'key', scopes: ['b', 'a'] });
    expect(answer.body.updated_at).toBe(key.updated_at);
    const { data } = (await root.get(`/v1/audit-events?resource_id=${key.id}`)).body;
    expect(data).toHaveLength(1);
  });

  it('by several at once loses none of the changes', async () => {
    const { id } = await api.principal();
    const key = await api.key(id);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => {
        return root.patch(`/v1/keys/${key.id}`, { metadata: { [`m${i}`]: i } });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { metadata } = (await root.get(`/v1/keys/${key.id}`)).body;
    expect(Object.keys(metadata)).toHaveLength(8);
  });
});

describe('deleting a key', () => {
  it('turns it away by the time that it answers, and leaves only the record', async () => {
    const { id } = await api.principal();
    const key = await api.key(id);
    expect(await works(key.key)).toBe(true);
    const answer = await root.delete(`/v1/keys/${key.id}`);
    expect([answer.status, answer.body]).toEqual([200, { propagation: CONFIRMED }]);
    expect(await works(key.key)).toBe(false);
    expect((await root.get(`/v1/keys/${key.id}`)).status).toBe(404);
    expect((await root.delete(`/v1/keys/${key.id}`)).status).toBe(404);
    const { data } = (await root.get(`/v1/audit-events?resource_id=${key.id}`)).body;
    expect(data.map((event: { action: string }) => event.action)).toEqual([
      'key.deleted',
      'key.revoked',
      'key.created',
    ]);
  });
});

describe('the change feed', () => {
  const position = async (): Promise<number> => {
    const [head] = await api.dataSource.query('SELECT position::int FROM change_head');
    return head.position;
  };
  const announcedSince = async (since: number): Promise<string[]> => {
    const rows: { kind: string; subject: string }[] = await api.dataSource.query(
      `SELECT kind, subject FROM changes WHERE position > $1 AND kind <> 'revocation'`,
      [since],
    );
    return rows.map(({ kind, subject }) => `${kind} ${subject}`).sort();
  };

  it('names a key and each version of it that a change concerns', async () => {
    const { id } = await api.principal();
    const beforeIssue = await position();
    const { id: keyId, versions } = await api.key(id);
    const first = versions[0]?.id;
    expect(await announcedSince(beforeIssue)).toEqual(
      [`api_key ${keyId}`, `api_key_version ${first}`].sort(),
    );
    const beforeRotation = await position();
    const second = (await root.post(`/v1/keys/${keyId}/rotate`)).body.versions[0].id;
    const all = [
      `api_key ${keyId}`,
      `api_key_version ${first}`,
      `api_key_version ${second}`,
    ].sort();
    expect(await announcedSince(beforeRotation)).toEqual(all);
    const beforeChange = await position();
    await root.patch(`/v1/keys/${keyId}`, { name: 'renamed' });
    await root.patch(`/v1/principals/${id}`, { name: 'renamed' });
    expect(await announcedSince(beforeChange)).toEqual([`api_key ${keyId}`, `principal ${id}`]);
    const beforeDeletion = await position();
    await root.delete(`/v1/keys/${keyId}`);
    expect(await announcedSince(beforeDeletion)).toEqual(all);
  });

  it('names a key that is deleted also when it was revoked long before', async () => {
    const { id } = await api.principal();
    const { id: keyId } = await api.key(id);
    await root.post(`/v1/keys/${keyId}/revoke`);
    const beforeDeletion = await position();
    await root.delete(`/v1/keys/${keyId}`);
    expect(await announcedSince(beforeDeletion)).toContain(`api_key ${keyId}`);
  });
});

describe('principals', () => {
  it('are created, shown, changed and deleted', async () => {
    const created = await root.post('/v1/principals', {
      type: 'user',
      name: 'Ada',
      external_id: 'ada@example.com',
      scopes: ['b', 'a'],
      metadata: { team: 'x' },
    });
    expect(created.status).toBe(201);
    expect(created.headers['location']).toBe(`/v1/principals/${created.body.id}`);
    expect(created.body).toMatchObject({ scopes: ['a', 'b'], roles: [], status: 'active' });
    expect((await root.get(`/v1/principals/${created.body.id}`)).body).toEqual(created.body);
    const patched = await root.patch(`/v1/principals/${created.body.id}`, { external_id: null });
    expect(patched.body.external_id).toBeNull();
    expect((await root.delete(`/v1/principals/${created.body.id}`)).status).toBe(200);
    expect((await root.get(`/v1/principals/${created.body.id}`)).status).toBe(404);
  });

  it('that are disabled or deleted have none of their keys accepted any more', async () => {
    const { id } = await api.principal();
    const { key, id: keyId } = await api.key(id);
    expect(await works(key)).toBe(true);
    await root.patch(`/v1/principals/${id}`, { status: 'disabled' });
    expect(await works(key)).toBe(false);
    await root.patch(`/v1/principals/${id}`, { status: 'active' });
    expect(await works(key)).toBe(true);
    await root.delete(`/v1/principals/${id}`);
    expect(await works(key)).toBe(false);
    const { data } = (await root.get(`/v1/audit-events?resource_id=${keyId}`)).body;
    expect(data[0]).toMatchObject({ action: 'key.deleted', before: { principal_id: id } });
  });

  it('lose what is taken from them in all of their keys at once', async () => {
    const { id } = await api.principal({ scopes: ['a', 'b'] });
    const { key } = await api.key(id, { scopes: ['a', 'b'] });
    expect((await api.as(key).get('/whoami')).body.scopes).toEqual(['a', 'b']);
    await root.patch(`/v1/principals/${id}`, { scopes: ['b'] });
    expect((await api.as(key).get('/whoami')).body.scopes).toEqual(['b']);
  });

  it('have external ids that are unique within their organization', async () => {
    const [one, two] = [await api.organization('1'), await api.organization('2')];
    const create = (organization_id: string | null) =>
      root.post('/v1/principals', {
        type: 'user',
        name: 'x',
        external_id: 'taken',
        organization_id,
      });
    for (const id of [one.id, two.id, null]) {
      expect((await create(id)).status).toBe(201);
      const again = await create(id);
      expect(again.status).toBe(409);
      expect(again.body).toMatchObject({
        code: 'already_exists',
        errors: [{ field: 'external_id' }],
      });
    }
  });

  it('are refused with roles and organizations that do not exist', async () => {
    const body = { type: 'service', name: 'x' };
    const role = await root.post('/v1/principals', { ...body, roles: ['nobody'] });
    expect([role.status, role.body.errors[0].field]).toEqual([422, 'roles.0']);
    const organization_id = 'org_01JD0000000000000000000000';
    const org = await root.post('/v1/principals', { ...body, organization_id });
    expect([org.status, org.body.code]).toEqual([404, 'not_found']);
  });
});

describe('lists', () => {
  it('of keys are filtered as the keys are shown', async () => {
    const { id } = await api.principal();
    const [active, disabled, expired, revoked] = [
      await api.key(id, { name: 'n1' }),
      await api.key(id, { environment: 'test' }),
      await api.key(id, { expires_at: '2099-01-01T00:00:00Z' }),
      await api.key(id, { expires_at: '2099-01-01T00:00:00Z' }),
    ];
    await root.patch(`/v1/keys/${disabled.id}`, { status: 'disabled' });
    await root.post(`/v1/keys/${revoked.id}/revoke`);
    for (const key of [expired, revoked]) {
      await api.age('api_keys', 'id', key.id, 100 * 365 * 86_400);
    }
    const list = async (search: string) => {
      const { body } = await root.get(`/v1/keys?principal_id=${id}&${search}`);
      return body.data.map((key: { id: string }) => key.id);
    };
    expect(await list('status=active')).toEqual([active.id]);
    expect(await list('status=disabled')).toEqual([disabled.id]);
    expect(await list('status=expired')).toEqual([expired.id]);
    expect(await list('status=revoked')).toEqual([revoked.id]);
    expect(await list('name=n1')).toEqual([active.id]);
    expect(await list('environment=test')).toEqual([disabled.id]);
    expect((await root.get(`/v1/keys/${expired.id}`)).body.status).toBe('expired');
  });

  it('show each once, newest first, however many are added while paging', async () => {
    const { id } = await api.principal();
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) ids.unshift((await api.key(id)).id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await root.get(`/v1/principals/${id}/keys?limit=2${cursor}`);
      seen.push(...body.data.map((key: { id: string }) => key.id));
      cursor = body.next_cursor && `&cursor=${body.next_cursor}`;
      await api.key(id);
    } while (cursor);
    expect(seen).toEqual(ids);
  });

  it('end with null, also when the last page is full', async () => {
    const { id } = await api.principal();
    await Promise.all([api.key(id), api.key(id)]);
    const { body } = await root.get(`/v1/principals/${id}/keys?limit=2`);
    expect(body.data).toHaveLength(2);
    expect(body.next_cursor).toBeNull();
  });

  it.each([
    'limit=0',
    'limit=201',
    'cursor=%20',
    'cursor=a',
    'cursor=JzsgRFJPUA',
    'status=x',
    'x=1',
  ])('are refused with %s', async (search) => {
    for (const url of ['/v1/keys', '/v1/principals', '/v1/organizations']) {
      const answer = await root.get(`${url}?${search}`);
      expect([url, answer.status, answer.body.code]).toEqual([url, 422, 'validation_failed']);
    }
  });
});
