import type {
  FederatedIdentity,
  Organization,
  PatchTrustedIssuer,
  PublicJwk,
  TrustedIssuer,
} from '@countersign/contracts';
import { createLocalVerifier } from '@countersign/verify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeIssuer, issuerKey } from './fake-issuer.js';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { type Claims, claimsOf } from './token-forge.js';

const API = 'https://api.example.com';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const INACTIVE = { active: false };
const READS = { scope: 'read write admin' };

let service: ServiceUnderTest;
let organization: Organization;
let issuer: FakeIssuer;
let trusted: TrustedIssuer;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  await service.admin.createResourceServer(API, { scopes: ['read', 'write'] });
  organization = await service.admin.createOrganization();
});

afterAll(() => service.stop());

beforeEach(async () => {
  issuer = await FakeIssuer.start();
  trusted = await service.admin.trustIssuer(issuer.url, {
    scopes: ['read', 'write'],
    target_audiences: [],
    provisioning: 'create',
    organization_id: organization.id,
  });
});

afterEach(() => issuer.stop());

function exchange(token: string, type: string, fields: Claims = {}): Promise<Answer> {
  return service.http.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: type,
    ...(fields as Record<string, string>),
  });
}

async function exchanged(token: string, fields: Claims = {}): Promise<string> {
  const answer = await exchange(token, ACCESS_TOKEN, fields);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json.access_token as string;
}

async function auditActions(resourceId: string): Promise<unknown[]> {
  const path = `/v1/audit-events?resource_id=${resourceId}`;
  const { json } = await service.http.get(path, asApiKey(service.adminKey));
  return json.data.map((event: { action: string; actor: { principal_id: string | null } }) => [
    event.action,
    event.actor.principal_id,
  ]);
}

describe("a trusted issuer's token", () => {
  it('is introspected as any other credential, with the principal that was created for it', async () => {
    const token = await issuer.token({ ...READS, name: 'Alice', nbf: 1_700_000_000 });
    const claims = claimsOf(token);
    const answer = await service.introspect(token);
    const identity = await service.admin.onlyIdentityOf(trusted.id);
    expect(answer).toEqual({
      active: true,
      scope: 'read write',
      client_id: identity.id,
      username: 'Alice',
      token_type: 'Bearer',
      exp: claims['exp'],
      iat: claims['iat'],
      nbf: 1_700_000_000,
      sub: identity.principal_id,
      iss: issuer.url,
      jti: claims['jti'],
      principal: {
        subject: identity.principal_id,
        type: 'user',
        name: 'Alice',
        organization: organization.id,
        scopes: ['read', 'write'],
        roles: [],
        audience: [],
        environment: 'live',
        metadata: {},
        credential: {
          type: 'federated_token',
          id: claims['jti'],
          issuer: issuer.url,
          issued_at: claims['iat'],
          expires_at: claims['exp'],
          root: { type: 'federated_token', id: claims['jti'] },
        },
        actor: null,
      },
      restrictions: [],
    });
    expect(await service.introspect(token)).toEqual(answer);
    expect(identity).toMatchObject({ subject: 'alice', origin: 'created', status: 'active' });
    expect(await auditActions(identity.id)).toEqual([['federated_identity.created', null]]);
    expect(await auditActions(identity.principal_id)).toEqual([['principal.created', null]]);
  });

  it('fetches the keys once, however many tokens there are', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token(READS)));
    const answers = await Promise.all(tokens.map((token) => service.introspect(token)));
    expect(answers.every(({ active }) => active)).toBe(true);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
    await service.admin.onlyIdentityOf(trusted.id);
  });

  it.each([
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ] as const)(
    'may be signed by %s where the issuer is allowed to, and not where it is not',
    async (alg) => {
      issuer.keys = [issuerKey(alg)];
      const token = await issuer.token();
      expect(await service.introspect(token)).toEqual(INACTIVE);
      await service.admin.patchTrustedIssuer(trusted.id, { algorithms: [alg] });
      expect(await service.introspect(token)).toMatchObject({ active: true });
    },
  );

  it('is counted when it is turned away, and so is what is asked of its issuer', async () => {
    const before = await service.metrics();
    expect(await service.introspect(await issuer.token())).toMatchObject({ active: true });
    expect(await service.introspect(await issuer.token({ aud: 'them' }))).toEqual(INACTIVE);
    const after = await service.metrics();
    const grown = (name: string, labels: Record<string, string>) =>
      after.sum(name, labels) - before.sum(name, labels);
    const rejected = { kind: 'federated_token', code: 'wrong_audience' };
    expect(grown('countersign_credential_rejections_total', rejected)).toBe(1);
    const answered = { outcome: 'answered' };
    expect(grown('countersign_trusted_issuer_fetches_total', answered)).toBe(2);
  });

  it('is known by a digest when it has no jti', async () => {
    const { principal, jti } = await service.introspect(await issuer.token({ jti: null }));
    expect(principal.credential.id).toMatch(/^[\w-]{43}$/);
    expect(jti).toBeUndefined();
  });

  it('may ask who it is, and may not use the admin API, whatever its claims say', async () => {
    const scope = 'read countersign:admin countersign:keys:write';
    const token = await issuer.token({ scope });
    const whoami = await service.http.get('/whoami', asBearer(token));
    expect([whoami.status, whoami.json.scopes]).toEqual([200, ['read']]);
    const audience = { audiences: [service.url], target_audiences: null };
    await service.admin.patchTrustedIssuer(trusted.id, audience);
    const forUs = await issuer.token({ scope, aud: service.url });
    expect((await service.http.get('/v1/keys', asBearer(forUs))).status).toBe(403);
    expect((await service.http.form('/introspect', { token }, asBearer(forUs))).status).toBe(403);
  });

  it('is seen by whom its audience concerns', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      target_audiences: null,
      audiences: [API],
    });
    const token = await issuer.token({ aud: API });
    const anybody = await service.admin.newKey(['countersign:introspect']);
    const any = await service.admin.newKey(['countersign:introspect:any']);
    const see = async (key: string) =>
      (await service.http.form('/introspect', { token }, asApiKey(key))).json.active;
    expect(await see(anybody.key)).toBe(false);
    expect(await see(any.key)).toBe(true);
  });

  it('can be revoked by its own principal, here, and without taking along another of that jti', async () => {
    const victim = await service.tokenFor((await service.admin.newKey(['read'])).key);
    const token = await issuer.token({
      jti: String(claimsOf(victim)['jti']),
      aud: ['us', service.url],
    });
    await service.admin.patchTrustedIssuer(trusted.id, { target_audiences: [] });
    expect(await service.introspect(token)).toMatchObject({ active: true });
    const revoked = await service.http.form('/revoke', { token }, asBearer(token));
    expect(revoked.status).toBe(200);
    expect(await service.introspect(token)).toEqual(INACTIVE);
    expect(await service.introspect(victim)).toMatchObject({ active: true });
    expect(await service.introspect(await issuer.token())).toMatchObject({ active: true });
  });
});

describe('the exchange of a trusted issuer’s token', () => {
  it.each([ACCESS_TOKEN, JWT, ID_TOKEN])('takes %s and answers with one of ours', async (type) => {
    const token = await issuer.token(READS);
    const answer = await exchange(token, type, { audience: API, scope: 'read' });
    expect(answer.status).toBe(200);
    const identity = await service.admin.onlyIdentityOf(trusted.id);
    expect(claimsOf(answer.json.access_token)).toMatchObject({
      iss: service.url,
      aud: API,
      sub: identity.principal_id,
      client_id: identity.id,
      cid: `${identity.trusted_issuer_id}.${identity.id}`,
      scope: 'read',
    });
  });

  it('takes no token of ours as an ID token, and no federated one as a key', async () => {
    const ours = await service.tokenFor(service.adminKey);
    const token = await issuer.token();
    for (const [subject, type] of [
      [ours, ID_TOKEN],
      [token, 'urn:countersign:token-type:api-key'],
    ] as const) {
      const answer = await exchange(subject, type);
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    }
  });

  it('yields the same principal by introspection of both and by local verification', async () => {
    const token = await issuer.token(READS);
    const ours = await exchanged(token, { audience: API });
    const { credential: a, audience: b, ...theirs } = (await service.introspect(token)).principal;
    const { credential: c, audience: d, ...derived } = (await service.introspect(ours)).principal;
    expect(derived).toEqual(theirs);
    const verifier = createLocalVerifier({
      issuer: service.url,
      audience: API,
      allowInsecureHttp: 'loopback',
    });
    const local = await verifier.verify(ours);
    expect(local).toMatchObject({
      ok: true,
      principal: {
        ...theirs,
        audience: [API],
        credential: {
          root: {
            type: 'federated_identity',
            id: (await service.admin.onlyIdentityOf(trusted.id)).id,
          },
        },
      },
    });
  });

  it('yields nothing that lives longer than what was exchanged', async () => {
    const exp = Math.floor(Date.now() / 1000) + 20;
    const ours = await exchanged(await issuer.token({ exp }));
    expect(claimsOf(ours)['exp']).toBe(exp);
    expect(claimsOf(await exchanged(ours))['exp']).toBe(exp);
  });

  it('keeps to the audience of the token where the issuer is trusted for it alone', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, { target_audiences: null });
    await service.admin.createResourceServer(`${issuer.url}/other`, { scopes: ['read'] });
    const answer = await exchange(await issuer.token(), JWT, { audience: `${issuer.url}/other` });
    expect([answer.status, answer.json.error]).toEqual([400, 'invalid_target']);
  });
});

describe('what a trusted issuer’s token and what was derived from it die with', () => {
  const ends: [
    string,
    (identity: FederatedIdentity) => Promise<unknown>,
    back?: () => Promise<unknown>,
  ][] = [
    ['the disabled identity', ({ id }) => service.admin.setIdentityStatus(id, 'disabled')],
    [
      'the disabled principal',
      ({ principal_id: id }) => service.admin.patchPrincipal(id, { status: 'disabled' }),
    ],
    [
      'the disabled organization',
      () => service.admin.setOrganizationStatus(organization.id, 'disabled'),
    ],
    [
      'the disabled issuer',
      () => service.admin.patchTrustedIssuer(trusted.id, { status: 'disabled' }),
    ],
    ['the deleted issuer', () => service.admin.distrustIssuer(trusted.id)],
  ];

  it.each(ends)('%s, at once', async (_what, end) => {
    const token = await issuer.token(READS);
    const ours = await exchanged(token);
    for (const each of [token, ours])
      expect(await service.introspect(each)).toMatchObject({ active: true });
    await end(await service.admin.onlyIdentityOf(trusted.id));
    for (const each of [token, ours]) expect(await service.introspect(each)).toEqual(INACTIVE);
    expect(await service.introspect(await issuer.token(READS))).toEqual(INACTIVE);
    await service.admin.setOrganizationStatus(organization.id, 'active');
  });

  it.each<[string, (identity: FederatedIdentity) => Promise<unknown>]>([
    ['identity', ({ id }) => service.admin.deleteIdentity(id)],
    ['principal', ({ principal_id: id }) => service.admin.deletePrincipal(id)],
  ])(
    'the deleted %s: what was derived is gone for good, the next token begins anew',
    async (_what, end) => {
      const token = await issuer.token(READS);
      const ours = await exchanged(token);
      const before = await service.admin.onlyIdentityOf(trusted.id);
      await end(before);
      expect(await service.introspect(ours)).toEqual(INACTIVE);
      expect(await service.introspect(token)).toMatchObject({ active: true });
      expect((await service.admin.onlyIdentityOf(trusted.id)).id).not.toBe(before.id);
      expect(await service.introspect(ours)).toEqual(INACTIVE);
    },
  );

  it('loses a scope with the ceiling, at once', async () => {
    const token = await issuer.token(READS);
    const ours = await exchanged(token);
    await service.admin.patchTrustedIssuer(trusted.id, { scopes: ['read'] });
    for (const each of [token, ours]) expect((await service.introspect(each)).scope).toBe('read');
  });

  it('no longer an audience that the issuer is not trusted for any more', async () => {
    const token = await issuer.token();
    expect(await service.introspect(token)).toMatchObject({ active: true });
    await service.admin.patchTrustedIssuer(trusted.id, { audiences: ['others'] });
    expect(await service.introspect(token)).toEqual(INACTIVE);
  });
});

describe('what was derived from an issuer’s token, once its word is taken back', () => {
  const REFRESHING = 'https://refreshing.example.com';
  const given = issuerKey();
  const next = issuerKey();
  const jwks = (...keys: FakeIssuer['keys']) => ({
    keys: keys.map(({ jwk }) => jwk as unknown as PublicJwk),
  });

  beforeAll(async () => {
    await service.admin.createResourceServer(REFRESHING, {
      scopes: ['read', 'write'],
      refresh_tokens: { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 },
    });
  });

  beforeEach(async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      jwks: jwks(given),
      algorithms: [...new Set([given.alg, 'PS512'])] as TrustedIssuer['algorithms'],
      audiences: ['us', 'them'],
      target_audiences: [REFRESHING, API],
    });
  });

  const obtain = async (key = given) => {
    const token = await issuer.token(READS, {}, key);
    const answer = await exchange(token, ACCESS_TOKEN, { audience: REFRESHING });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json as { access_token: string; refresh_token: string };
  };
  const refresh = (refresh_token: string) =>
    service.http.form('/token', { grant_type: 'refresh_token', refresh_token });
  const isActive = async (token: string) => (await service.introspect(token)).active as boolean;

  it.each<[string, () => PatchTrustedIssuer]>([
    ['its keys are replaced', () => ({ jwks: jwks(next) })],
    ['its claims are read otherwise', () => ({ mapping: { ...trusted.mapping, type: 'service' } })],
    ['it is trusted with an audience less', () => ({ audiences: ['us'] })],
    ['it is trusted for less', () => ({ target_audiences: [REFRESHING] })],
    ['an algorithm is no longer taken', () => ({ algorithms: [given.alg as 'RS256'] })],
  ])('is void when %s: the JWT, what came of it, and the refresh token', async (_what, patch) => {
    const { access_token, refresh_token } = await obtain();
    const again = await exchanged(access_token);
    const renewed = (await refresh(refresh_token)).json;
    const ours = [access_token, again, renewed.access_token as string];
    for (const token of ours) expect(await isActive(token)).toBe(true);
    await service.admin.patchTrustedIssuer(trusted.id, patch());
    for (const token of ours) expect(await service.introspect(token)).toEqual(INACTIVE);
    expect((await exchange(access_token, ACCESS_TOKEN)).status).toBe(400);
    const refused = await refresh(renewed.refresh_token);
    expect([refused.status, refused.json.error]).toEqual([400, 'invalid_grant']);
    // Who still has the issuer's word begins anew.
    const key = 'jwks' in patch() ? next : given;
    const anew = await obtain(key);
    expect(await isActive(anew.access_token)).toBe(true);
    expect((await refresh(anew.refresh_token)).status).toBe(200);
  });

  it('lives on with a key more, a smaller ceiling, and after the issuer was disabled', async () => {
    const { access_token, refresh_token } = await obtain();
    await service.admin.patchTrustedIssuer(trusted.id, { jwks: jwks(given, next) });
    await service.admin.patchTrustedIssuer(trusted.id, { scopes: ['read'] });
    await service.admin.patchTrustedIssuer(trusted.id, { status: 'disabled' });
    expect(await isActive(access_token)).toBe(false);
    await service.admin.patchTrustedIssuer(trusted.id, { status: 'active' });
    expect(await isActive(access_token)).toBe(true);
    expect((await refresh(refresh_token)).json.scope).toBe('read');
  });
});

describe('a refresh token that comes of a trusted issuer’s token', () => {
  const REFRESHABLE = 'https://refreshable.example.com';

  beforeAll(async () => {
    const refresh_tokens = { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 };
    await service.admin.createResourceServer(REFRESHABLE, { scopes: ['read'], refresh_tokens });
  });

  const refresh = (token: string) =>
    service.http.form('/token', { grant_type: 'refresh_token', refresh_token: token });

  async function newRefreshToken(): Promise<string> {
    const token = await issuer.token(READS);
    const answer = await exchange(token, ACCESS_TOKEN, { audience: REFRESHABLE });
    return answer.json.refresh_token as string;
  }

  it('yields tokens for the same identity, with no more scopes than the first one', async () => {
    const answer = await refresh(await newRefreshToken());
    expect([answer.status, answer.json.scope]).toEqual([200, 'read']);
    const { id, trusted_issuer_id: issuerId } = await service.admin.onlyIdentityOf(trusted.id);
    const cid = `${issuerId}.${id}`;
    expect(claimsOf(answer.json.access_token)).toMatchObject({ cid, aud: REFRESHABLE });
  });

  it.each([
    [
      'its identity',
      async () => {
        const { id } = await service.admin.onlyIdentityOf(trusted.id);
        const path = `/v1/federated-identities/${id}`;
        await service.http.json('PATCH', path, { status: 'disabled' }, asApiKey(service.adminKey));
      },
    ],
    [
      'its issuer',
      () => {
        const path = `/v1/trusted-issuers/${trusted.id}`;
        const headers = asApiKey(service.adminKey);
        return service.http.json('PATCH', path, { status: 'disabled' }, headers);
      },
    ],
  ])('dies with %s', async (_what, disable) => {
    const token = await newRefreshToken();
    await disable();
    const answer = await refresh(token);
    expect([answer.status, answer.json.error]).toEqual([400, 'invalid_grant']);
  });
});
