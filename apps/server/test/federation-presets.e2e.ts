import type { Principal, TrustedIssuer } from '@countersign/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeIssuer, issuerKey } from './fake-issuer.js';
import { asApiKey, asBearer } from './http-client.js';
import { API, PROVIDER_TOKENS, type ProviderToken } from './provider-tokens.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { type Claims, claimsOf } from './token-forge.js';

const SCOPES = ['read:users', 'write:users'];
const KEY = issuerKey('RS256');

let service: ServiceUnderTest;
let issuer: FakeIssuer;
let organizationId: string;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  const ofClerk = ['org:invoices:read', 'org:users:manage', 'org:users:read'];
  await service.admin.createResourceServer(API, { scopes: [...SCOPES, ...ofClerk] });
});

afterAll(() => service.stop());

beforeEach(async () => {
  issuer = await FakeIssuer.start([KEY]);
  organizationId = (await service.admin.createOrganization()).id;
});

afterEach(() => issuer.stop());

/** Registers the issuer as its operator would. */
async function trust({ preset, trust: more, linked, organization }: Partial<ProviderToken>) {
  const body = {
    issuer: issuer.url,
    name: 'provider',
    preset,
    scopes: SCOPES,
    ...(linked === undefined && { provisioning: 'create' }),
    ...(organization === undefined && { organization_id: organizationId }),
    ...more,
    mapping: {
      ...(more?.['mapping'] as object),
      ...(organization && {
        organization: {
          claim: organization.claim,
          map: { [organization.value]: organizationId },
        },
      }),
    },
  };
  const headers = asApiKey(service.adminKey);
  const answer = await service.http.json('POST', '/v1/trusted-issuers', body, headers);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json as TrustedIssuer;
}

function exchange(token: string) {
  return service.http.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    audience: API,
  });
}

const named = (preset: string, claim: (token: ProviderToken) => boolean): ProviderToken => {
  const found = PROVIDER_TOKENS.find((token) => token.preset === preset && claim(token));
  if (found === undefined) throw new Error(`no token of ${preset}`);
  return found;
};

describe('a token as its provider makes it, under the preset', () => {
  it.each(PROVIDER_TOKENS)(
    '$preset: $what, stands for whom it should and is good for the API',
    async (provided) => {
      const { header, claims, linked, subject, principal } = provided;
      const { id } = await trust(provided);
      if (linked !== undefined) {
        await service.admin.createPrincipal({
          external_id: linked,
          organization_id: organizationId,
          type: principal.type,
          name: principal.name,
          scopes: SCOPES,
        });
      }
      const token = await issuer.token(claims, header, KEY);
      const answer = (await service.introspect(token)).principal as Principal;
      const { type, name, scopes, metadata, organization } = answer;
      expect({ type, name, scopes, metadata }).toEqual(principal);
      expect(organization).toBe(organizationId);
      const [identity] = await service.admin.identitiesOf(id);
      expect(identity).toMatchObject({ subject, principal_id: answer.subject });

      const exchanged = await exchange(token);
      expect([exchanged.status, exchanged.json.scope]).toEqual([200, scopes.join(' ')]);
      const own = claimsOf(exchanged.json.access_token);
      expect([own['aud'], own['sub']]).toEqual([API, answer.subject]);
      const path = `/forward-auth?audience=${encodeURIComponent(API)}`;
      expect((await service.http.get(path, asBearer(token))).status).toBe(200);
    },
  );

  it.each<[string, ProviderToken, Claims]>([
    [
      'an ID token of Cognito',
      named('cognito', ({ what }) => what === 'a user'),
      { token_use: 'id', aud: '1example23456789', client_id: null },
    ],
    [
      'a session of Clerk’s that was made for another origin',
      named('clerk', () => true),
      { azp: 'https://evil.example' },
    ],
    [
      'a session of Clerk’s in another organization',
      named('clerk', () => true),
      { o: { id: 'org_2other', slg: 'other', rol: 'admin', per: 'manage,read', fpm: '3,2' } },
    ],
    [
      'a token of Keycloak’s that is for another client',
      named('keycloak', () => true),
      { aud: ['billing-api', 'account'] },
    ],
    [
      'a token of Entra ID’s that is for another application',
      named('entra_id', () => true),
      { aud: '00000003-0000-0000-c000-000000000000' },
    ],
    [
      'an ID token of Google’s that was made for another client',
      named('google', ({ trust: { provisioning } }) => provisioning === 'create'),
      { aud: 'other.apps.googleusercontent.com' },
    ],
    [
      'a token of a cluster’s that is for its own API server',
      named('kubernetes', ({ linked }) => linked === undefined),
      { aud: ['https://kubernetes.default.svc.cluster.local'] },
    ],
  ])('is turned away where it is %s', async (_what, provided, changes) => {
    await trust(provided);
    const good = await issuer.token(provided.claims, provided.header, KEY);
    expect(await service.introspect(good)).toMatchObject({ active: true });
    const bad = await issuer.token({ ...provided.claims, ...changes }, provided.header, KEY);
    expect(await service.introspect(bad)).toEqual({ active: false });
  });

  it.each(['keycloak', 'entra_id'])(
    '%s: whose aud is no URI, is good for no API without target_audiences',
    async (preset) => {
      const provided = named(preset, () => true);
      const { id } = await trust({
        ...provided,
        trust: { ...provided.trust, target_audiences: null },
      });
      const token = await issuer.token(provided.claims, provided.header, KEY);
      expect(await service.introspect(token)).toMatchObject({ active: true });
      const refused = await exchange(token);
      expect([refused.status, refused.json.error]).toEqual([400, 'invalid_target']);
      const path = `/forward-auth?audience=${encodeURIComponent(API)}`;
      expect((await service.http.get(path, asBearer(token))).status).toBe(401);
      await service.admin.patchTrustedIssuer(id, { target_audiences: [API] });
      expect((await exchange(token)).status).toBe(200);
      expect((await service.http.get(path, asBearer(token))).status).toBe(200);
    },
  );

  it('gives no role of one client of Keycloak’s to another, unless the operator says which', async () => {
    const provided = named('keycloak', () => true);
    await trust({ ...provided, trust: { ...provided.trust, mapping: {} } });
    const token = await issuer.token(provided.claims, provided.header, KEY);
    expect((await service.introspect(token)).scope).toBe('read:users');
  });
});
