import type { FederatedIdentity, TrustedIssuer } from '@countersign/contracts';
import { type RevocationId, RevocationSet, revocationIdsOf } from '@countersign/verify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { NewKey } from './admin-client.js';
import { FakeIssuer } from './fake-issuer.js';
import { asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const SCOPES = ['read', 'write'];
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const KEY = 'urn:countersign:token-type:api-key';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const REFRESH = { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 };
const SLACK_SECONDS = 60;

let service: ServiceUnderTest;
let database: pg.Client;
const issuers: FakeIssuer[] = [];
let count = 0;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  database = new pg.Client(service.databaseUrl);
  await database.connect();
});

afterEach(async () => {
  await Promise.all(issuers.splice(0).map((each) => each.stop()));
});

afterAll(async () => {
  await database.end();
  await service.stop();
});

/** An entry as a test expects it: what is absent is null, and there without saying. */
interface Entry {
  readonly type: string;
  readonly id: string;
  readonly final: boolean;
  readonly organization_id?: string | null;
  readonly audiences?: readonly string[] | null;
  readonly effective_at?: Date | null;
}

interface Arranged {
  act(): Promise<unknown>;
  readonly entries: readonly Entry[];
}

async function admin(method: string, path: string, body?: object) {
  const headers = asApiKey(service.adminKey);
  const answer =
    body === undefined
      ? await service.http.call(path, { method, headers })
      : await service.http.json(method, path, body, headers);
  if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.text === '' ? undefined : answer.json;
}

const newName = (prefix: string) => `${prefix}-${(count += 1)}`;
const newAudience = () => `https://${newName('api')}.example.com`;
const key = (more: Parameters<typeof service.admin.newKey>[1] = {}) =>
  service.admin.newKey(SCOPES, more);

async function head(): Promise<number> {
  const { rows } = await database.query<{ position: string }>('SELECT position FROM change_head');
  return Number(rows[0]?.position);
}

async function entriesAfter(position: number) {
  const { rows } = await database.query(
    `SELECT type, id, final, effective_at, audiences, organization_id
     FROM revocations WHERE position > $1 ORDER BY position`,
    [position],
  );
  return rows;
}

async function inOrganization(): Promise<NewKey & { organization: string }> {
  const organization = await service.admin.createOrganization();
  const issued = await key({ principal: { organization_id: organization.id } });
  return { ...issued, organization: organization.id };
}

async function federated(): Promise<{
  trusted: TrustedIssuer;
  identity: FederatedIdentity;
  token: string;
}> {
  const issuer = await FakeIssuer.start();
  issuers.push(issuer);
  const trusted = await service.admin.trustIssuer(issuer.url, {
    scopes: SCOPES,
    target_audiences: [],
    provisioning: 'create',
  });
  const token = await exchanged(await issuer.token({ scope: 'read write' }), ACCESS_TOKEN);
  const [identity] = await service.admin.identitiesOf(trusted.id);
  if (identity === undefined) throw new Error('no identity was made');
  return { trusted, identity, token };
}

async function exchanged(subject: string, type: string, more = {}): Promise<string> {
  const form = { grant_type: EXCHANGE, subject_token: subject, subject_token_type: type, ...more };
  const answer = await service.http.form('/token', form);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json.access_token as string;
}

function revoke(token: string, by: string) {
  return service.http.form('/revoke', { token }, asApiKey(by));
}

/** Every change that takes something away. */
const TAKING: readonly [title: string, arrange: () => Promise<Arranged>][] = [
  [
    'a key is revoked',
    async () => {
      const { id, organization } = await inOrganization();
      const entries = [{ ...credential(id), organization_id: organization }];
      return { act: () => service.admin.revokeKey(id), entries };
    },
  ],
  [
    'a key is deleted',
    async () => {
      const { id } = await key();
      return { act: () => service.admin.deleteKey(id), entries: [credential(id)] };
    },
  ],
  [
    'a key is revoked at /revoke',
    async () => {
      const issued = await key();
      return { act: () => revoke(issued.key, issued.key), entries: [credential(issued.id)] };
    },
  ],
  ...patchesOfKey({
    'a key is disabled': { status: 'disabled' },
    'a key loses a scope': { scopes: ['read'] },
    'a key is restricted to audiences': { audiences: ['https://one.example.com'] },
    'a key is restricted to addresses': { restrictions: { ips: ['192.0.2.1'] } },
    'a key is bound to certificates': { certificate_thumbprints: ['A'.repeat(43)] },
  }),
  [
    'a key gets an earlier end',
    async () => {
      const { id } = await key();
      const expires_at = new Date(Date.now() + 3_600_000).toISOString();
      const entry = { ...changed('credential', id), effective_at: new Date(expires_at) };
      return { act: () => service.admin.patchKey(id, { expires_at }), entries: [entry] };
    },
  ],
  [
    'a key is rotated at once',
    async () => {
      const { id, versions } = await key();
      // No moment from which it holds: a verifier's clock may be behind the service's.
      const entries = [credential(`${id}.${versions[0]?.id}`)];
      return { act: () => service.admin.rotateKey(id, 0), entries };
    },
  ],
  [
    'a key is rotated with a grace',
    async () => {
      const { id, versions } = await key();
      const entry = credential(`${id}.${versions[0]?.id}`);
      const entries = [{ ...entry, effective_at: expect.any(Date) as unknown as Date }];
      return { act: () => service.admin.rotateKey(id, 60), entries };
    },
  ],
  [
    'a principal is disabled',
    async () => {
      const { principal_id: id } = await key();
      return {
        act: () => service.admin.patchPrincipal(id, { status: 'disabled' }),
        entries: [changed('principal', id)],
      };
    },
  ],
  [
    'a principal is deleted',
    async () => {
      const { principal_id: id, organization } = await inOrganization();
      const entry = { type: 'principal', id, final: true, organization_id: organization };
      return { act: () => service.admin.deletePrincipal(id), entries: [entry] };
    },
  ],
  [
    'a principal loses a scope',
    async () => {
      const { principal_id: id } = await key();
      return {
        act: () => service.admin.patchPrincipal(id, { scopes: ['read'] }),
        entries: [changed('principal', id)],
      };
    },
  ],
  [
    'a principal loses a role',
    async () => {
      const role = await service.admin.createRole(newName('role'), ['read']);
      const { id } = await service.admin.createPrincipal({ roles: [role.name] });
      return {
        act: () => service.admin.patchPrincipal(id, { roles: [] }),
        entries: [changed('principal', id)],
      };
    },
  ],
  [
    'a principal is acted for by one less',
    async () => {
      const actor = await service.admin.createPrincipal();
      const { id } = await service.admin.createPrincipal({ actor_ids: [actor.id] });
      return {
        act: () => service.admin.patchPrincipal(id, { actor_ids: [] }),
        entries: [changed('principal', id)],
      };
    },
  ],
  [
    'an organization is disabled',
    async () => {
      const { organization: id } = await inOrganization();
      return {
        act: () => service.admin.setOrganizationStatus(id, 'disabled'),
        entries: [{ ...changed('organization', id), organization_id: id }],
      };
    },
  ],
  [
    'an organization is deleted',
    async () => {
      const { id } = await service.admin.createOrganization();
      return {
        act: () => admin('DELETE', `/v1/organizations/${id}`),
        entries: [{ type: 'organization', id, final: true, organization_id: id }],
      };
    },
  ],
  [
    'a role loses a scope',
    async () => {
      const { id, name } = await service.admin.createRole(newName('role'), SCOPES);
      return { act: () => service.admin.patchRole(id, ['read']), entries: [changed('role', name)] };
    },
  ],
  [
    'a role is deleted',
    async () => {
      const { id, name } = await service.admin.createRole(newName('role'), SCOPES);
      return { act: () => admin('DELETE', `/v1/roles/${id}`), entries: [changed('role', name)] };
    },
  ],
  [
    'a resource server loses a scope',
    async () => {
      const { id, audience } = await resourceServer();
      return {
        act: () => admin('PATCH', `/v1/resource-servers/${id}`, { scopes: ['read'] }),
        entries: [{ ...changed('audience', audience), audiences: [audience] }],
      };
    },
  ],
  [
    'a resource server is deleted',
    async () => {
      const { id, audience } = await resourceServer();
      return {
        act: () => admin('DELETE', `/v1/resource-servers/${id}`),
        entries: [{ ...changed('audience', audience), audiences: [audience] }],
      };
    },
  ],
  [
    'an issuer is trusted with less',
    async () => {
      const { id } = (await federated()).trusted;
      return {
        act: () => service.admin.patchTrustedIssuer(id, { scopes: ['read'] }),
        entries: [changed('credential', id)],
      };
    },
  ],
  [
    'an issuer’s claims are read otherwise',
    async () => {
      const { id, mapping } = (await federated()).trusted;
      return {
        act: () =>
          service.admin.patchTrustedIssuer(id, { mapping: { ...mapping, subject: '/oid' } }),
        entries: [changed('credential', id)],
      };
    },
  ],
  [
    'an issuer is disabled',
    async () => {
      const { id } = (await federated()).trusted;
      return {
        act: () => service.admin.patchTrustedIssuer(id, { status: 'disabled' }),
        entries: [changed('credential', id)],
      };
    },
  ],
  [
    'an issuer is trusted no more',
    async () => {
      const { id } = (await federated()).trusted;
      return { act: () => service.admin.distrustIssuer(id), entries: [credential(id)] };
    },
  ],
  [
    'a federated identity is disabled',
    async () => {
      const { id } = (await federated()).identity;
      return {
        act: () => service.admin.setIdentityStatus(id, 'disabled'),
        entries: [changed('credential', id)],
      };
    },
  ],
  [
    'a federated identity is deleted',
    async () => {
      const { id } = (await federated()).identity;
      return { act: () => service.admin.deleteIdentity(id), entries: [credential(id)] };
    },
  ],
  [
    'a signing key is compromised',
    async () => {
      const { kid } = await admin('POST', '/v1/signing-keys', { alg: 'ES256' });
      return {
        act: () => service.admin.compromiseSigningKey(kid),
        entries: [{ type: 'kid', id: kid, final: true }],
      };
    },
  ],
  [
    'an access token is revoked',
    async () => {
      const { audience } = await resourceServer();
      const issued = await inOrganization();
      const token = await service.tokenFor(issued.key, { audience });
      const id = claimsOf(token)['jti'] as string;
      const whose = { organization_id: issued.organization, audiences: [audience] };
      return {
        act: () => revoke(token, issued.key),
        entries: [{ type: 'jti', id, final: true, ...whose }],
      };
    },
  ],
  [
    'a refresh token is revoked',
    async () => {
      const { audience } = await resourceServer();
      const issued = await key();
      const subject = { subject_token: issued.key, subject_token_type: KEY, audience };
      const { json } = await service.http.form('/token', { grant_type: EXCHANGE, ...subject });
      // Of the family, which every access token that came of it names.
      const [id] = claimsOf(json.access_token)['derived_from'] as [string];
      return {
        act: () => revoke(json.refresh_token, issued.key),
        entries: [{ type: 'jti', id, final: true, audiences: [audience] }],
      };
    },
  ],
];

/** Every kind of change that only gives. */
const GIVING: readonly [title: string, arrange: () => Promise<Pick<Arranged, 'act'>>][] = [
  ['a key is issued', async () => ({ act: () => key() })],
  [
    'a key is given more',
    async () => {
      const { id } = await service.admin.newKey(['read'], {
        key: { audiences: ['https://one.example.com'], restrictions: { methods: ['GET'] } },
      });
      const more = { scopes: SCOPES, audiences: null, restrictions: null, name: 'renamed' };
      return { act: () => admin('PATCH', `/v1/keys/${id}`, more) };
    },
  ],
  [
    'a key is taken up again, and for longer',
    async () => {
      const expires_at = new Date(Date.now() + 3_600_000).toISOString();
      const { id } = await key({ key: { expires_at } });
      await service.admin.patchKey(id, { status: 'disabled' });
      return { act: () => service.admin.patchKey(id, { status: 'active', expires_at: null }) };
    },
  ],
  [
    'a revoked key is deleted',
    async () => {
      const { id } = await key();
      await service.admin.revokeKey(id);
      return { act: () => service.admin.deleteKey(id) };
    },
  ],
  [
    'a revoked key is revoked again',
    async () => {
      const { id } = await key();
      await service.admin.revokeKey(id);
      return { act: () => service.admin.revokeKey(id) };
    },
  ],
  [
    'a revoked token is revoked again',
    async () => {
      const issued = await key();
      const token = await service.tokenFor(issued.key);
      await revoke(token, issued.key);
      return { act: () => revoke(token, issued.key) };
    },
  ],
  [
    'a principal is given more, or other metadata',
    async () => {
      const { id } = await service.admin.createPrincipal({ metadata: { plan: 'gold' } });
      return {
        act: () => admin('PATCH', `/v1/principals/${id}`, { scopes: SCOPES, metadata: null }),
      };
    },
  ],
  [
    'a role is given more',
    async () => {
      const { id } = await service.admin.createRole(newName('role'), ['read']);
      return { act: () => service.admin.patchRole(id, SCOPES) };
    },
  ],
  [
    'a resource server defines more, and its tokens live otherwise',
    async () => {
      const { id } = await resourceServer();
      const more = { scopes: [...SCOPES, 'delete'], access_token_ttl_seconds: 60 };
      return { act: () => admin('PATCH', `/v1/resource-servers/${id}`, more) };
    },
  ],
  [
    'an issuer is trusted with more',
    async () => {
      const { id } = (await federated()).trusted;
      const more = { scopes: [...SCOPES, 'delete'], audiences: ['us', 'them'] };
      return { act: () => admin('PATCH', `/v1/trusted-issuers/${id}`, more) };
    },
  ],
];

function credential(id: string): Entry {
  return { type: 'credential', id, final: true };
}

function changed(type: string, id: string): Entry {
  return { type, id, final: false };
}

function resourceServer() {
  return service.admin.createResourceServer(newAudience(), {
    scopes: SCOPES,
    refresh_tokens: REFRESH,
  });
}

function patchesOfKey(patches: Readonly<Record<string, object>>): typeof TAKING {
  return Object.entries(patches).map(([title, patch]) => [
    title,
    async () => {
      const { id } = await key();
      return {
        act: () => admin('PATCH', `/v1/keys/${id}`, patch),
        entries: [changed('credential', id)],
      };
    },
  ]);
}

describe('the log of revocations has the entry, and no other, when', () => {
  it.each(TAKING)('%s', async (_, arrange) => {
    const { act, entries } = await arrange();
    const position = await head();
    await act();
    const absent = { effective_at: null, audiences: null, organization_id: null };
    expect(await entriesAfter(position)).toEqual(entries.map((entry) => ({ ...absent, ...entry })));
  });
});

describe('the log of revocations has no entry when', () => {
  it.each(GIVING)('%s', async (_, arrange) => {
    const { act } = await arrange();
    const position = await head();
    await act();
    expect(await entriesAfter(position)).toEqual([]);
  });
});

describe('an entry', () => {
  const livesFor = async () => {
    const { rows } = await database.query<{ seconds: number }>(
      `SELECT extract(epoch FROM expires_at - now())::float8 AS seconds
       FROM revocations ORDER BY position DESC LIMIT 1`,
    );
    return rows[0]?.seconds;
  };

  it('stays for as long as any token can live, and clocks may differ', async () => {
    await service.admin.createResourceServer(newAudience(), { access_token_ttl_seconds: 1_800 });
    const { id } = await key();
    await service.admin.revokeKey(id);
    const seconds = await livesFor();
    expect(seconds).toBeLessThanOrEqual(1_800 + 300);
    expect(seconds).toBeGreaterThan(1_800 + 300 - SLACK_SECONDS);
  });

  it('about one token stays until that one has expired, on every clock', async () => {
    const issued = await key();
    await revoke(await service.tokenFor(issued.key), issued.key);
    const seconds = await livesFor();
    expect(seconds).toBeLessThanOrEqual(300 + 300);
    expect(seconds).toBeGreaterThan(600 - SLACK_SECONDS);
  });
});

/** What a backend that follows the log would say of a token. */
async function hitOf(token: string) {
  const { rows } = await database.query<Record<string, string>>(
    `SELECT position, type, id, final, extract(epoch FROM effective_at)::float8 AS effective_at,
            extract(epoch FROM expires_at)::float8 AS expires_at
     FROM revocations ORDER BY position`,
  );
  const set = new RevocationSet();
  for (const { position, effective_at, ...entry } of rows) {
    const from = effective_at === null ? {} : { effective_at };
    set.add({ ...entry, ...from, position: Number(position) } as never);
  }
  const claims = claimsOf(token);
  const ids: readonly RevocationId[] = revocationIdsOf(
    claims as never,
    headerOf(token)['kid'] as string,
  );
  return set.hit(ids, (claims['pos'] as number | undefined) ?? 0, Date.now() / 1000);
}

describe('a token that a backend verifies by itself', () => {
  it('is hit by what took rights from it, and its successor is not', async () => {
    const issued = await key();
    const before = await service.tokenFor(issued.key);
    expect(await hitOf(before)).toBeUndefined();
    await service.admin.patchPrincipal(issued.principal_id, { scopes: ['read'] });
    const after = await service.tokenFor(issued.key);
    expect([await hitOf(before), await hitOf(after)]).toEqual(['changed', undefined]);
    expect(await service.introspect(before)).toMatchObject({ active: true, scope: 'read' });
    await service.admin.revokeKey(issued.id);
    expect([await hitOf(before), await hitOf(after)]).toEqual(['final', 'final']);
    expect(await service.introspect(after)).toEqual({ active: false });
  });

  it('outlives the grace of the version that it came from no longer than the version does', async () => {
    const issued = await key();
    const token = await service.tokenFor(issued.key);
    await service.admin.rotateKey(issued.id, 3_600);
    expect(await hitOf(token)).toBeUndefined();
    const renewed = await service.admin.rotateKey(issued.id, 0);
    expect([await hitOf(token), await hitOf(await service.tokenFor(renewed.key))]).toEqual([
      'final',
      undefined,
    ]);
  });

  it('falls with the organization, the key and the principal of who acts', async () => {
    const deaths: readonly [
      (actor: NewKey & { organization: string }) => Promise<unknown>,
      string,
    ][] = [
      [(actor) => service.admin.setOrganizationStatus(actor.organization, 'disabled'), 'changed'],
      [(actor) => service.admin.revokeKey(actor.id), 'final'],
      [(actor) => service.admin.deletePrincipal(actor.principal_id), 'final'],
    ];
    for (const [act, hit] of deaths) {
      const actor = await inOrganization();
      const subject = await key({ principal: { actor_ids: [actor.principal_id] } });
      const by = { actor_token: actor.key, actor_token_type: KEY };
      const token = await exchanged(subject.key, KEY, by);
      expect(claimsOf(token)['act']).toMatchObject({ org: actor.organization });
      expect(await hitOf(token)).toBeUndefined();
      await act(actor);
      expect(await hitOf(token)).toBe(hit);
      expect(await service.introspect(token)).toEqual({ active: false });
    }
  });

  it('falls with the trusted issuer that it came from, and with the identity', async () => {
    const [first, second] = [await federated(), await federated()];
    await service.admin.distrustIssuer(first.trusted.id);
    await service.admin.setIdentityStatus(second.identity.id, 'disabled');
    expect([await hitOf(first.token), await hitOf(second.token)]).toEqual(['final', 'changed']);
  });

  it('is not hit by what was revoked before it was issued, wherever that was signed', async () => {
    const { audience } = await resourceServer();
    const issued = await key();
    await service.admin.patchPrincipal(issued.principal_id, { scopes: ['read'] });
    const direct = await service.tokenFor(issued.key, { audience });
    const derived = await exchanged(direct, ACCESS_TOKEN);
    const path = `/forward-auth?audience=${encodeURIComponent(audience)}`;
    const answer = await service.http.get(path, asBearer(direct));
    const internal = answer.headers.get('x-principal-token') ?? '';
    for (const token of [direct, derived, internal]) {
      expect(claimsOf(token)['pos']).toBe(await head());
      expect(await hitOf(token)).toBeUndefined();
    }
  });
});
