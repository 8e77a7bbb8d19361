import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { ExtAuthzClient } from './ext-authz-client.js';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const API = 'https://api.example.com/v1';
const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource/v1';
const SILENT = 'https://silent.example.com';
const SCOPE = 'read:users';
// What a DPoP proof speaks of.
const FORWARDED = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'api.example.com',
  'x-forwarded-uri': '/v1/users',
};

let service: ServiceUnderTest;
let envoy: ExtAuthzClient;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: { COUNTERSIGN_EXT_AUTHZ_PORT: '0', COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1' },
  });
  envoy = new ExtAuthzClient(service.extAuthzPort ?? 0);
  await service.admin.createResourceServer(API, {
    name: 'Users',
    scopes: [SCOPE],
    protected_resource_metadata: { resource_documentation: 'https://docs.example.com/users' },
  });
  await service.admin.createResourceServer(SILENT, { scopes: [SCOPE] });
});

afterAll(async () => {
  envoy.close();
  await service.stop();
});

const ofAdmin = () => asApiKey(service.adminKey);
const challengeOf = ({ headers }: Answer) => headers.get('www-authenticate');

async function idOf(audience: string): Promise<string> {
  const query = `audience=${encodeURIComponent(audience)}`;
  const { json } = await service.http.get(`/v1/resource-servers?${query}`, ofAdmin());
  return json.data[0].id;
}

/** What the resource's gateway does: it hands out at the resource's host what the service has. */
function throughTheGateway(url: string): Promise<Response> {
  const { host, pathname } = new URL(url);
  const path = pathname.replace('/.well-known/oauth-protected-resource', '');
  return fetch(`${service.url}/resource-metadata/${host}${path}`);
}

describe('the metadata of a resource server', () => {
  it('is found and accepted by a stock client, which it leads to the issuer (RFC 9728 §3.3)', async () => {
    const resource = new URL(API);
    const asked: string[] = [];
    const response = await oauth.resourceDiscoveryRequest(resource, {
      [oauth.customFetch]: (url) => {
        asked.push(url);
        return throughTheGateway(url);
      },
    });
    expect(asked).toEqual([METADATA]);
    const found = await oauth.processResourceDiscoveryResponse(resource, response);
    expect(found).toMatchObject({
      resource: API,
      resource_name: 'Users',
      authorization_servers: [service.url],
      scopes_supported: [SCOPE],
      resource_documentation: 'https://docs.example.com/users',
    });
  });

  it('is what the issuer lists, so that each points to the other (RFC 9728 §4)', async () => {
    const { json } = await service.http.get('/.well-known/oauth-authorization-server');
    expect(json.protected_resources).toContain(API);
    expect(json.protected_resources).not.toContain(SILENT);
  });

  it('is merged by a patch, follows what is registered, and is taken back by null', async () => {
    const audience = 'https://changing.example.com';
    const path = '/resource-metadata/changing.example.com';
    await service.admin.createResourceServer(audience);
    const patch = async (metadata: object | null) => {
      const url = `/v1/resource-servers/${await idOf(audience)}`;
      const body = { protected_resource_metadata: metadata };
      return (await service.http.json('PATCH', url, body, ofAdmin())).json
        .protected_resource_metadata;
    };
    expect((await service.http.get(path)).status).toBe(404);
    await patch({ resource_policy_uri: 'https://changing.example.com/policy' });
    expect(await patch({ resource_tos_uri: 'https://changing.example.com/tos' })).toEqual({
      resource_policy_uri: 'https://changing.example.com/policy',
      resource_tos_uri: 'https://changing.example.com/tos',
    });
    expect(await patch({ resource_policy_uri: null })).toEqual({
      resource_tos_uri: 'https://changing.example.com/tos',
    });
    expect((await service.http.get(path)).json).toMatchObject({
      resource: audience,
      resource_tos_uri: 'https://changing.example.com/tos',
    });
    expect(await patch(null)).toBeNull();
    expect((await service.http.get(path)).status).toBe(404);
  });

  it.each(['urn:example:api', 'http://api.example.com', 'https://api.example.com/?v=1'])(
    'needs an audience that its URL can be made of (RFC 9728 §1.2): not %s',
    async (audience) => {
      const body = { audience, name: 'x', scopes: [], protected_resource_metadata: {} };
      const refused = await service.http.json('POST', '/v1/resource-servers', body, ofAdmin());
      expect([refused.status, refused.json.errors[0].field]).toEqual([
        422,
        'protected_resource_metadata',
      ]);
      const without = { ...body, protected_resource_metadata: null };
      const { json } = await service.http.json('POST', '/v1/resource-servers', without, ofAdmin());
      const late = await service.http.json(
        'PATCH',
        `/v1/resource-servers/${json.id}`,
        { protected_resource_metadata: {} },
        ofAdmin(),
      );
      expect(late.status).toBe(422);
    },
  );

  it('holds no page that is no URL, and nothing else that somebody writes into it', async () => {
    for (const metadata of [
      { resource_documentation: 'javascript:alert(1)' },
      { resource: 'https://other.example.com' },
      { authorization_servers: ['https://evil.example.com'] },
    ]) {
      const body = { audience: 'https://b.example.com', name: 'x', scopes: [] };
      const refused = await service.http.json(
        'POST',
        '/v1/resource-servers',
        { ...body, protected_resource_metadata: metadata },
        ofAdmin(),
      );
      expect(refused.status).toBe(422);
    }
  });
});

describe('a challenge', () => {
  const behind = (audience: string) =>
    `/forward-auth?scopes=${SCOPE}&audience=${encodeURIComponent(audience)}`;

  it('of /forward-auth says where the metadata of the audience is (RFC 9728 §5.1)', async () => {
    const { key } = await service.admin.newKey([]);
    const pointer = `resource_metadata="${METADATA}"`;
    const none = await service.http.get(behind(API));
    expect([none.status, challengeOf(none)]).toEqual([
      401,
      `Bearer realm="countersign", ${pointer}`,
    ]);
    for (const [headers, status, error] of [
      [asApiKey('x'), 401, 'invalid_token'],
      [{ ...asApiKey(key), ...asBearer(key) }, 401, 'invalid_request'],
      [asApiKey(key), 403, 'insufficient_scope'],
      [{ ...FORWARDED, authorization: 'DPoP x', dpop: 'x' }, 401, 'invalid_dpop_proof'],
    ] as const) {
      const answer = await service.http.get(behind(API), headers);
      expect([answer.status, challengeOf(answer)]).toEqual([
        status,
        expect.stringContaining(`${pointer}, `),
      ]);
      expect(challengeOf(answer)).toContain(`error="${error}"`);
    }
  });

  it('of /forward-auth for an audience without metadata, or for none, points nowhere', async () => {
    for (const url of [behind(SILENT), '/forward-auth']) {
      expect(challengeOf(await service.http.get(url))).toBe('Bearer realm="countersign"');
    }
  });

  it('to Envoy over gRPC says the same', async () => {
    const { headers } = await envoy.check({ requirement: { audience: API } });
    expect(headers['www-authenticate']).toBe(
      `Bearer realm="countersign", resource_metadata="${METADATA}"`,
    );
    const silent = await envoy.check({ requirement: { audience: SILENT } });
    expect(silent.headers['www-authenticate']).toBe('Bearer realm="countersign"');
  });

  it('is read by a stock client (RFC 9728 §5.1)', async () => {
    const url = new URL(behind(API), service.url);
    const error = await oauth
      .protectedResourceRequest('none', 'GET', url, undefined, undefined, {
        [oauth.allowInsecureRequests]: true,
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
    const { cause } = error as oauth.WWWAuthenticateChallengeError;
    expect(cause).toMatchObject([
      { scheme: 'bearer', parameters: { resource_metadata: METADATA, error: 'invalid_token' } },
    ]);
  });

  it.each(['/whoami', '/v1/keys'])('of our own API at %s leads to its metadata', async (path) => {
    for (const headers of [{}, asBearer('x'), { authorization: 'DPoP x' }]) {
      const challenge = challengeOf(await service.http.get(path, headers));
      const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge ?? '') ?? [];
      expect(await (await fetch(url)).json()).toMatchObject({ resource: service.url });
    }
  });

  it('of our own API’s other endpoints leads there too, and Basic is left alone', async () => {
    const pointer = `resource_metadata="${service.url}/.well-known/oauth-protected-resource"`;
    const introspect = await service.http.form('/introspect', { token: 'x' });
    expect(challengeOf(introspect)).toBe(
      `Bearer realm="countersign", ${pointer}, Basic realm="countersign"`,
    );
    const verify = await service.http.json('POST', '/v1/verify', {}, asBearer('x'));
    expect(challengeOf(verify)).toBe(
      `Bearer realm="countersign", ${pointer}, error="invalid_token"`,
    );
    const evaluation = await service.http.json('POST', '/access/v1/evaluation', {}, asBearer('x'));
    expect(challengeOf(evaluation)).toContain(pointer);
    const token = await service.http.form(
      '/token',
      { grant_type: 'client_credentials' },
      { authorization: `Basic ${btoa('a:b')}` },
    );
    expect(challengeOf(token)).toBe('Basic realm="countersign"');
  });
});
