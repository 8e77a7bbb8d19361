import type { Organization, TrustedIssuer } from '@countersign/contracts';
import { TrustedIssuerEntity } from '@countersign/persistence';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type AdminApi, startAdminApi } from './admin-api.js';
import { issuerKey } from './fake-issuer.js';

const READ = 'countersign:trusted-issuers:read';
const WRITE = 'countersign:trusted-issuers:write';
const IDENTITIES = 'countersign:federated-identities';
const PATH = '/v1/trusted-issuers';
const ABSENT = 'tis_01JD0000000000000000000000';

jest.setTimeout(60_000);

let api: AdminApi;
let organization: Organization;
let count = 0;

beforeAll(async () => {
  api = await startAdminApi();
  organization = await api.organization();
});

afterAll(() => api.stop());

function body(more: object = {}) {
  count += 1;
  return {
    issuer: `https://idp${count}.example/`,
    name: 'IdP',
    preset: 'auth0',
    audiences: ['https://api.example.com'],
    scopes: ['write:users', 'read:users'],
    ...more,
  };
}

const trust = (more: object = {}) => api.root.create<TrustedIssuer>(PATH, body(more));

async function audit(id: string) {
  const { body: page } = await api.root.get(`/v1/audit-events?resource_id=${id}`);
  return page.data as { action: string; before: unknown; after: unknown }[];
}

describe('trusted issuers in the admin API', () => {
  it('are created whole, shown, listed and found by their issuer', async () => {
    const sent = body({ organization_id: organization.id });
    const answer = await api.root.post(PATH, sent);
    expect(answer.status).toBe(201);
    const created = answer.body as TrustedIssuer;
    expect(answer.headers['location']).toBe(`${PATH}/${created.id}`);
    expect(created).toMatchObject({
      issuer: sent.issuer,
      preset: 'auth0',
      status: 'active',
      algorithms: ['RS256'],
      scopes: ['read:users', 'write:users'],
      provisioning: 'link',
      organization_id: organization.id,
      environment: 'live',
      jwks_uri: null,
      discovery: 'openid-configuration',
    });
    expect((await api.root.get(`${PATH}/${created.id}`)).body).toEqual(created);
    const found = await api.root.get(`${PATH}?issuer=${encodeURIComponent(sent.issuer)}`);
    expect(found.body).toEqual({ data: [created], next_cursor: null });
  });

  it('are there once for each issuer', async () => {
    const { issuer } = await trust();
    const again = await api.root.post(PATH, body({ issuer }));
    expect([again.status, again.body.code, again.body.errors[0].field]).toEqual([
      409,
      'already_exists',
      'issuer',
    ]);
  });

  it('are changed member by member, the mapping as a whole; what changes nothing is no change', async () => {
    const { id, mapping } = await trust();
    const patch = { scopes: ['read:users'], jwks_uri: 'https://keys.example/', mapping };
    const patched = await api.root.patch(`${PATH}/${id}`, patch);
    expect([patched.status, patched.body.scopes]).toEqual([200, ['read:users']]);
    expect(patched.body.jwks_uri).toBe('https://keys.example/');
    await api.root.patch(`${PATH}/${id}`, patch);
    expect((await audit(id)).map(({ action }) => action)).toEqual([
      'trusted_issuer.updated',
      'trusted_issuer.created',
    ]);
    expect((await api.root.patch(`${PATH}/${id}`, { issuer: 'https://x.example' })).status).toBe(
      422,
    );
  });

  it('are deleted, on record', async () => {
    const created = await trust();
    expect((await api.root.delete(`${PATH}/${created.id}`)).status).toBe(200);
    expect((await api.root.get(`${PATH}/${created.id}`)).status).toBe(404);
    expect((await api.root.delete(`${PATH}/${created.id}`)).status).toBe(404);
    expect((await audit(created.id))[0]).toMatchObject({
      action: 'trusted_issuer.deleted',
      before: created,
      after: null,
    });
  });

  it('put on record a mapping whose names look like those of secrets', async () => {
    const mapping = { scopes: [{ claim: '/token', map: { secret: ['read:users'] } }] };
    expect((await api.root.post(PATH, body({ mapping }))).status).toBe(201);
  });

  it.each<[string, object, string]>([
    [
      'an organization that does not exist',
      { organization_id: 'org_01JD0000000000000000000000' },
      'organization_id',
    ],
    [
      'a mapping to an organization that does not exist',
      { mapping: { organization: { claim: '/o', map: { a: 'org_01JD0000000000000000000000' } } } },
      'mapping.organization.map',
    ],
    [
      'the ceiling for anybody',
      { mapping: { scopes: 'ceiling' }, provisioning: 'create' },
      'mapping.scopes',
    ],
    ['keys over plain HTTP', { jwks_uri: 'http://idp.example/jwks' }, 'jwks_uri'],
    ['an issuer over plain HTTP', { issuer: 'http://idp.example' }, 'issuer'],
    ['this service itself', { issuer: 'https://LocalHost:8080/' }, 'issuer'],
    ['a private address for the issuer', { issuer: 'https://10.0.0.1' }, 'issuer'],
    ['a loopback address for the issuer', { issuer: 'https://[::1]:8443/realms/a' }, 'issuer'],
    [
      'the link-local address of a metadata service',
      { jwks_uri: 'https://169.254.169.254/jwks' },
      'jwks_uri',
    ],
    ['a private address in another notation', { jwks_uri: 'https://0x7f.1/jwks' }, 'jwks_uri'],
    ['an IPv4 address in an IPv6 one', { jwks_uri: 'https://[::ffff:10.0.0.1]/' }, 'jwks_uri'],
    ['a reserved scope', { scopes: ['countersign:admin'] }, 'scopes'],
    ['a reserved scope in other letters', { scopes: ['COUNTERSIGN:admin'] }, 'scopes'],
    [
      'a reserved scope for a value of a claim',
      { mapping: { scopes: [{ claim: '/groups', map: { a: ['x', 'Countersign:admin'] } }] } },
      'mapping.scopes',
    ],
    [
      'a reserved scope for what a transform makes',
      { mapping: { scopes: [{ transform: 'clerk_permissions', map: { a: ['countersign:x'] } }] } },
      'mapping.scopes',
    ],
  ])('cannot have %s, and nothing is changed', async (_what, more, field) => {
    const before = (await api.root.get(PATH)).body;
    const answer = await api.root.post(PATH, body(more));
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([422, field]);
    expect((await api.root.get(PATH)).body).toEqual(before);
  });

  it.each<[string, object]>([
    ['jwks_uri', { jwks_uri: 'https://127.0.0.1/jwks' }],
    ['scopes', { scopes: ['Countersign:admin'] }],
    [
      'mapping.scopes',
      {
        mapping: {
          subject: '/sub',
          scopes: [{ claim: '/g', map: { a: ['countersign:admin'] } }],
          type: 'user',
        },
      },
    ],
  ])('cannot get by a change what they cannot have: %s', async (field, patch) => {
    const created = await trust();
    const answer = await api.root.patch(`${PATH}/${created.id}`, patch);
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([422, field]);
    expect((await api.root.get(`${PATH}/${created.id}`)).body).toEqual(created);
  });

  it('may have an address that nothing is fetched from, since their keys are elsewhere', async () => {
    const issuer = 'https://10.96.0.1';
    await trust({ issuer, jwks: { keys: [publicJwk('ES256')] } });
    await trust({ issuer: `${issuer}/other`, jwks_uri: 'https://keys.example/' });
  });

  it('can be disabled, and not enabled, where the configuration would not allow them any more', async () => {
    const { id } = await trust();
    const http = { jwksUri: 'http://idp.example/jwks' };
    await api.dataSource.getRepository(TrustedIssuerEntity).update({ id }, http);
    const disabled = await api.root.patch(`${PATH}/${id}`, { status: 'disabled' });
    expect([disabled.status, disabled.body.status]).toEqual([200, 'disabled']);
    const enabled = await api.root.patch(`${PATH}/${id}`, { status: 'active' });
    expect([enabled.status, enabled.body.errors?.[0]?.field]).toEqual([422, 'jwks_uri']);
  });

  it('hold their organization fast', async () => {
    const { id } = await api.organization('held');
    await trust({ organization_id: id });
    const answer = await api.root.delete(`/v1/organizations/${id}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'in_use']);
  });
});

describe('who may say whom to trust', () => {
  it('needs the scope: reading is not writing', async () => {
    const { id } = await trust();
    const reader = await api.caller([READ]);
    const other = await api.caller(['countersign:keys:write']);
    expect((await reader.get(`${PATH}/${id}`)).status).toBe(200);
    expect((await reader.post(PATH, body())).status).toBe(403);
    expect((await reader.patch(`${PATH}/${id}`, { name: 'x' })).status).toBe(403);
    expect((await reader.delete(`${PATH}/${id}`)).status).toBe(403);
    expect((await other.get(PATH)).status).toBe(403);
    expect((await reader.get('/v1/federated-identities')).status).toBe(403);
    const identities = await api.caller([`${IDENTITIES}:read`]);
    expect((await identities.get('/v1/federated-identities')).status).toBe(200);
  });

  it('is nobody who is limited to an organization, not even for that one', async () => {
    const { id } = await trust({ organization_id: organization.id });
    const limited = await api.caller(
      [READ, WRITE, `${IDENTITIES}:read`, `${IDENTITIES}:write`],
      organization.id,
    );
    const requests = [
      limited.get(PATH),
      limited.get(`${PATH}/${id}`),
      limited.get(`${PATH}/${ABSENT}`),
      limited.post(PATH, body({ organization_id: organization.id, scopes: [] })),
      limited.patch(`${PATH}/${id}`, { status: 'disabled' }),
      limited.delete(`${PATH}/${id}`),
      limited.get('/v1/federated-identities'),
      limited.get('/v1/federated-identities/fid_01JD0000000000000000000000'),
      limited.delete('/v1/federated-identities/fid_01JD0000000000000000000000'),
    ];
    for (const answer of await Promise.all(requests)) {
      expect([answer.status, answer.body.code]).toEqual([403, 'not_permitted']);
    }
  });

  it('hands out by a ceiling only what it holds', async () => {
    const writer = await api.caller([WRITE, 'read:users']);
    const beyond = await writer.post(PATH, body());
    expect([beyond.status, beyond.body.code]).toEqual([403, 'grant_exceeds_caller']);
    const within = await writer.post(PATH, body({ scopes: ['read:users'] }));
    expect(within.status).toBe(201);
    const raised = await writer.patch(`${PATH}/${within.body.id}`, { scopes: ['read:users', 'x'] });
    expect([raised.status, raised.body.code]).toEqual([403, 'grant_exceeds_caller']);
    const { id } = await trust();
    // Whoever chooses the keys, or who is meant by them, has all that they open.
    for (const patch of [
      { jwks_uri: 'https://mine.example/jwks' },
      { jwks: { keys: [publicJwk('ES256')] } },
      { audiences: ['mine'] },
      { mapping: { subject: '/email', scopes: [], type: 'user' } },
      { status: 'active' },
    ]) {
      const answer = await writer.patch(`${PATH}/${id}`, patch);
      expect([answer.status, answer.body.code]).toEqual([403, 'grant_exceeds_caller']);
    }
    expect((await writer.patch(`${PATH}/${id}`, { status: 'disabled' })).status).toBe(200);
    expect((await writer.patch(`${PATH}/${id}`, { scopes: [] })).status).toBe(200);
  });
});

describe('keys that are given', () => {
  it('are shown as they were given, and replaced or taken back by a patch', async () => {
    const [one, two] = [publicJwk('ES256'), publicJwk('RS256')];
    const created = await trust({ jwks: { keys: [one, two] } });
    expect([created.jwks, created.jwks_uri]).toEqual([{ keys: [one, two] }, null]);
    const url = `${PATH}/${created.id}`;
    const replaced = await api.root.patch(url, { jwks: { keys: [two] } });
    expect(replaced.body.jwks).toEqual({ keys: [two] });
    const fetched = { jwks: null, jwks_uri: 'https://keys.example/' };
    expect((await api.root.patch(url, fetched)).body).toMatchObject(fetched);
    const both = await api.root.patch(url, { jwks: { keys: [one] } });
    expect([both.status, both.body.errors[0].field]).toEqual([422, 'jwks']);
  });

  it.each<[string, () => object]>([
    ['none', () => ({ keys: [] })],
    ['more than 16', () => ({ keys: Array.from({ length: 17 }, () => publicJwk('ES256')) })],
    ['two with one kid', () => ({ keys: [publicJwk('ES256', 'a'), publicJwk('ES256', 'a')] })],
    ['a private key (RFC 7518 §6.2.2)', () => ({ keys: [privateJwk()] })],
    ['a symmetric key', () => ({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'a', alg: 'HS256' }] })],
    ['a key for encryption', () => ({ keys: [{ ...publicJwk('ES256'), use: 'enc' }] })],
    [
      'what is no point of the curve',
      () => ({ keys: [{ ...publicJwk('ES256'), x: 'A'.repeat(43) }] }),
    ],
    ['an exponent of 1', () => ({ keys: [{ ...publicJwk('RS256'), e: 'AQ' }] })],
  ])('are refused where they are %s', async (_what, jwks) => {
    const answer = await api.root.post(PATH, body({ jwks: jwks() }));
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
    expect(answer.body.errors[0].field).toMatch(/^jwks/);
    expect(JSON.stringify(answer.body)).not.toMatch(/[A-Za-z0-9_-]{43}/);
  });
});

function publicJwk(alg: string, kid?: string) {
  return issuerKey(alg, kid).jwk;
}

function privateJwk() {
  const { jwk, privateKey } = issuerKey('ES256');
  return { ...privateKey.export({ format: 'jwk' }), ...jwk };
}
