import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalVerifier, verifyDpopProof } from '@countersign/verify';
import type { NewKey } from './admin-client.js';
import { newAssertionClient } from './assertion-client.js';
import { DpopClient } from './dpop-client.js';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const GRANT = { grant_type: 'client_credentials' };
const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};
const API = 'https://api.example.com';
const SCOPES = [
  'read',
  'countersign:introspect',
  'countersign:keys:read',
  'countersign:keys:write',
];

let service: ServiceUnderTest;
let key: NewKey;
let client: DpopClient;
/** Bound to the client's key. */
let token: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  await service.admin.createResourceServer(API, { scopes: ['read'] });
  key = await service.admin.newKey(SCOPES);
  client = new DpopClient(service.http);
  token = (await client.form('/token', GRANT, asApiKey(key.key))).json.access_token;
});

afterAll(() => service.stop());

function expectUnauthorized(answer: Answer, error: string): void {
  expect(answer.status).toBe(401);
  const challenge = answer.headers.get('www-authenticate') ?? '';
  expect(challenge).toMatch(/^DPoP /);
  expect(challenge).toContain(`error="${error}"`);
  expect(challenge).toMatch(/algs="[^"]*ES256[^"]*"/);
}

describe('the token endpoint', () => {
  it('sends a client without a nonce for one, 400 (RFC 9449 §8)', async () => {
    const fresh = new DpopClient(service.http);
    const dpop = await fresh.prove('POST', '/token');
    const answer = await service.http.form('/token', GRANT, { ...asApiKey(key.key), dpop });
    expect([answer.status, answer.json.error]).toEqual([400, 'use_dpop_nonce']);
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{30}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('sends it for the nonce before anything else, so that its assertion is still good', async () => {
    const asserting = await newAssertionClient(service.admin, service.url, ['read']);
    const fresh = new DpopClient(service.http);
    const answer = await fresh.form('/token', { ...GRANT, ...(await asserting.form()) });
    expect([answer.status, answer.json.token_type]).toEqual([200, 'DPoP']);
  });

  it('answers with a token that is bound to the key of the proof (RFC 9449 §5, §6.1)', async () => {
    const answer = await client.form('/token', { ...GRANT, scope: 'read' }, asApiKey(key.key));
    expect(answer.json).toMatchObject({ token_type: 'DPoP', expires_in: 300, scope: 'read' });
    expect(claimsOf(answer.json.access_token)).toMatchObject({ cnf: { jkt: await client.jkt() } });
  });

  it('answers with one that is bound to nothing where no proof was sent', async () => {
    const answer = await service.http.form('/token', GRANT, asApiKey(key.key));
    expect(answer.json.token_type).toBe('Bearer');
    expect(claimsOf(answer.json.access_token)).not.toHaveProperty('cnf');
    expect(answer.headers.get('dpop-nonce')).toBeNull();
  });

  it.each([
    ['of another method', { htm: 'GET' }],
    ['of another URL', { htu: 'https://evil.example.com/token' }],
    ['without a jti', { jti: undefined }],
  ])('refuses a proof %s as invalid_dpop_proof, 400', async (_, claims) => {
    const dpop = await client.prove('POST', '/token', claims);
    const answer = await service.http.form('/token', GRANT, { ...asApiKey(key.key), dpop });
    expect([answer.status, answer.json.error]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('refuses two proofs, and takes none twice (RFC 9449 §4.3, §11.1)', async () => {
    const dpop = await client.prove('POST', '/token');
    const body = 'grant_type=client_credentials';
    const twice = await service.http.raw(
      [
        'POST /token HTTP/1.1',
        `Host: ${new URL(service.url).host}`,
        'Connection: close',
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        `X-API-Key: ${key.key}`,
        `DPoP: ${dpop}`,
        `DPoP: ${await client.prove('POST', '/token')}`,
        '',
        body,
      ].join('\r\n'),
    );
    expect(twice.status).toBe(400);
    expect(twice.text).toContain('invalid_dpop_proof');
    const send = () => service.http.form('/token', GRANT, { ...asApiKey(key.key), dpop });
    expect((await send()).status).toBe(200);
    const again = await send();
    expect([again.status, again.json.error]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('remembers no proof of somebody who is not let in', async () => {
    const dpop = await client.prove('POST', '/token');
    const wrong = await service.http.form('/token', GRANT, { ...asApiKey('cs_live_x'), dpop });
    expect([wrong.status, wrong.json.error]).toEqual([401, 'invalid_client']);
    const right = await service.http.form('/token', GRANT, { ...asApiKey(key.key), dpop });
    expect(right.status).toBe(200);
  });
});

describe('a bound token that is exchanged', () => {
  it('needs the proof of its key, and yields one that is bound to it as well', async () => {
    const fields = { ...EXCHANGE, subject_token: token };
    const without = await service.http.form('/token', fields);
    expect([without.status, without.json.error]).toEqual([400, 'invalid_request']);
    const thief = await new DpopClient(service.http).form('/token', fields);
    expect([thief.status, thief.json.error]).toEqual([400, 'invalid_request']);
    const holder = await client.form('/token', { ...fields, audience: API });
    expect([holder.status, holder.json.token_type]).toEqual([200, 'DPoP']);
    const cnf = { jkt: await client.jkt() };
    expect(claimsOf(holder.json.access_token)).toMatchObject({ aud: API, cnf });
  });

  it('may come from one that was bound to nothing, once', async () => {
    const unbound = await service.tokenFor(key.key);
    const bound = await client.form('/token', { ...EXCHANGE, subject_token: unbound });
    expect([bound.status, bound.json.token_type]).toEqual([200, 'DPoP']);
  });
});

describe('introspection of a bound token', () => {
  it('says that it is active, and of which key to ask the proof (RFC 9449 §6.2)', async () => {
    const answer = await service.introspect(token);
    expect(answer).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await client.jkt() },
      client_id: key.id,
    });
    expect(answer.principal).not.toHaveProperty('cnf');
    const unbound = await service.introspect(await service.tokenFor(key.key));
    expect(unbound).toMatchObject({ active: true, token_type: 'Bearer' });
    expect(unbound).not.toHaveProperty('cnf');
  });
});

describe.each([
  ['/whoami', 'GET', {}],
  ['/v1/keys?limit=1', 'GET', {}],
  ['/introspect', 'POST', { token: 'x' }],
  ['/revoke', 'POST', { token: 'x' }],
])('%s', (path, method, fields) => {
  const body = new URLSearchParams(fields).toString();

  function send(headers: Record<string, string>): Promise<Answer> {
    if (method === 'GET') return service.http.get(path, headers);
    return service.http.form(path, body, headers);
  }

  it('takes a bound token with a proof of its key', async () => {
    const answer = await send(await client.headers(method, path, token));
    expect(answer.status).toBe(200);
  });

  it('refuses a bound token as Bearer, with and without a proof (RFC 9449 §7.2)', async () => {
    const { dpop } = await client.headers(method, path, token);
    for (const headers of [asBearer(token), { ...asBearer(token), dpop }, asApiKey(token)]) {
      const answer = await send(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it('asks for a nonce, 401, and then takes the proof (RFC 9449 §9)', async () => {
    const answer = await send(await client.headers(method, path, token, { nonce: undefined }));
    expectUnauthorized(answer, 'use_dpop_nonce');
    const nonce = answer.headers.get('dpop-nonce');
    expect(nonce).toMatch(/^[\w-]{30}$/);
    const next = await send(await client.headers(method, path, token, { nonce }));
    expect(next.status).toBe(200);
  });

  it('refuses a proof that is wrong in one thing', async () => {
    const wrong = [
      { ath: undefined },
      { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' },
      { htm: method === 'GET' ? 'POST' : 'GET' },
      { htu: `${service.url}/v1/roles` },
      { htu: `http://evil.example.com${path}` },
    ];
    for (const claims of wrong) {
      const answer = await send(await client.headers(method, path, token, claims));
      expectUnauthorized(answer, 'invalid_dpop_proof');
    }
    const { authorization } = await client.headers(method, path, token);
    expectUnauthorized(await send({ authorization }), 'invalid_dpop_proof');
    expectUnauthorized(await send({ authorization, dpop: 'x' }), 'invalid_dpop_proof');
  });

  it('refuses the proof of another key, which the thief of a token has', async () => {
    const thief = new DpopClient(service.http);
    thief.nonce = client.nonce;
    expectUnauthorized(await send(await thief.headers(method, path, token)), 'invalid_token');
  });

  it('takes no proof twice (RFC 9449 §11.1)', async () => {
    const headers = await client.headers(method, path, token);
    const answers = await Promise.all([send(headers), send(headers), send(headers)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    for (const answer of answers) {
      if (answer.status === 401) expectUnauthorized(answer, 'invalid_dpop_proof');
    }
  });

  it('refuses under DPoP what is bound to nothing', async () => {
    const unbound = await service.tokenFor(key.key);
    for (const credential of [unbound, key.key]) {
      const answer = await send(await client.headers(method, path, credential));
      expectUnauthorized(answer, 'invalid_token');
    }
  });

  it('takes the scheme in any case, and no other credential beside it', async () => {
    const { authorization, dpop } = await client.headers(method, path, token);
    const lower = authorization.replace('DPoP', 'dpop');
    expect((await send({ authorization: lower, dpop })).status).toBe(200);
    const more = await client.headers(method, path, token);
    expect((await send({ ...more, ...asApiKey(key.key) })).status).toBe(400);
  });
});

describe.each([
  '/v1/verify',
  '/v1/introspect/batch',
  '/access/v1/evaluation',
  '/access/v1/evaluations',
])('%s', (path) => {
  const send = (headers: Record<string, string>) => service.http.json('POST', path, {}, headers);

  it('refuses a proof that is none, 401 with a challenge (RFC 9449 §7.1)', async () => {
    for (const headers of [{}, { dpop: 'x' }]) {
      const answer = await send({ authorization: 'DPoP x', ...headers });
      expectUnauthorized(answer, 'invalid_dpop_proof');
      expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{30}$/);
    }
  });

  it('asks for a nonce, 401, and then takes the proof, once (RFC 9449 §9, §11.1)', async () => {
    const answer = await send(await client.headers('POST', path, token, { nonce: undefined }));
    expectUnauthorized(answer, 'use_dpop_nonce');
    const nonce = answer.headers.get('dpop-nonce');
    expect(nonce).toMatch(/^[\w-]{30}$/);
    const proven = await client.headers('POST', path, token, { nonce });
    // The caller is known; what it sends is still empty.
    expect([400, 422]).toContain((await send(proven)).status);
    const again = await send(proven);
    expectUnauthorized(again, 'invalid_dpop_proof');
    expect(again.headers.get('dpop-nonce')).toMatch(/^[\w-]{30}$/);
  });
});

describe('a bound token', () => {
  it('dies with its key', async () => {
    const dying = await service.admin.newKey(['read']);
    const bound = (await client.form('/token', GRANT, asApiKey(dying.key))).json.access_token;
    expect((await client.call('GET', '/whoami', bound)).status).toBe(200);
    await service.admin.revokeKey(dying.id);
    expectUnauthorized(await client.call('GET', '/whoami', bound), 'invalid_token');
    expect(await service.introspect(bound)).toEqual({ active: false });
  });

  it('is revoked by whoever finds it, without its key', async () => {
    const bound = (await client.form('/token', GRANT, asApiKey(key.key))).json.access_token;
    const revoked = await service.http.form('/revoke', { token: bound }, asApiKey(key.key));
    expect(revoked.status).toBe(200);
    expect(await service.introspect(bound)).toEqual({ active: false });
  });

  it('has the same principal by every road', async () => {
    const shown = (await client.call('GET', '/whoami', token)).json;
    expect(shown).toEqual((await service.introspect(token)).principal);
  });

  it('is verified locally with the proof, and only with it', async () => {
    const issued = await client.form('/token', { ...GRANT, audience: API }, asApiKey(key.key));
    const bound = issued.json.access_token as string;
    const verifier = createLocalVerifier({
      issuer: service.url,
      audience: API,
      allowInsecureHttp: 'loopback',
    });
    expect(await verifier.verify(bound)).toEqual({ ok: false, code: 'binding_unproven' });
    const path = '/orders';
    const { dpop } = await client.headers('GET', path, bound, { htu: API + path });
    const request = { proof: dpop, method: 'GET', url: API + path, accessToken: bound };
    const proof = await verifyDpopProof(request, { nowSeconds: Date.now() / 1000 });
    if (!proof.ok) throw new Error(proof.detail);
    const proven = { scheme: 'DPoP', jkt: proof.jkt } as const;
    expect(await verifier.verify(bound, undefined, proven)).toMatchObject({ ok: true });
    const thief = { scheme: 'DPoP', jkt: await new DpopClient(service.http).jkt() } as const;
    expect(await verifier.verify(bound, undefined, thief)).toMatchObject({ ok: false });
    expect(await verifier.verify(bound, undefined, 'unchecked')).toMatchObject({ ok: true });
  });
});

describe('the metrics', () => {
  it('count proofs that are refused, by what is wrong with them', async () => {
    const { text } = await service.http.get('/metrics');
    expect(text).toMatch(/countersign_dpop_refusals_total\{code="use_dpop_nonce"\} [1-9]/);
    expect(text).toMatch(/countersign_dpop_refusals_total\{code="invalid_dpop_proof"\} [1-9]/);
    expect(text).toMatch(/countersign_credential_rejections_total\{[^}]*code="binding_unproven"/);
  });
});

describe('the metadata', () => {
  it('says how clients authenticate and prove (RFC 8414 §2, RFC 9449 §5.1)', async () => {
    const metadata = (await service.http.get('/.well-known/oauth-authorization-server')).json;
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      expect(metadata[`${endpoint}_endpoint_auth_methods_supported`]).toContain('private_key_jwt');
      const algorithms = metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`];
      expect(algorithms).toEqual(expect.arrayContaining(['ES256', 'Ed25519', 'PS256']));
      expect(algorithms).not.toEqual(expect.arrayContaining(['none']));
    }
    expect(metadata.dpop_signing_alg_values_supported).toEqual(expect.arrayContaining(['ES256']));
  });
});

describe('a bound token, seen by others for us', () => {
  const RESOURCE = 'https://api.example.com/orders?page=2';

  it('RFC 9449 §7.1: is allowed by the decision API with a good proof, once, and never without', async () => {
    const ath = hash('sha256', token, 'base64url');
    const url = RESOURCE.split('?', 1)[0];
    const decide = async (context: object, more: object = {}) => {
      const body = { credential: token, context, ...more };
      const headers = asApiKey(service.adminKey);
      return (await service.http.json('POST', '/v1/verify', body, headers)).json;
    };
    const proof = () => client.prove('GET', '', { htu: url, ath });
    const refused = { allowed: false, code: 'binding_unproven' };

    expect(await decide({})).toMatchObject(refused);
    const stale = await decide({ method: 'GET', url: RESOURCE, dpop_proof: 'x' });
    expect(stale).toMatchObject({ ...refused, dpop_nonce: expect.any(String) });
    client.nonce = stale.dpop_nonce;
    const dpop_proof = await proof();
    const good = { method: 'GET', url: RESOURCE, dpop_proof };
    expect(await decide({ ...good, method: 'POST' })).toMatchObject(refused);
    expect(await decide({ ...good, url: 'https://api.example.com/other' })).toMatchObject(refused);
    // Only asked about, a proof is not used.
    for (const dry_run of [true, true, false]) {
      expect(await decide(good, { dry_run })).toMatchObject({ allowed: true, code: 'ok' });
    }
    expect(await decide(good)).toMatchObject(refused);
    const again = { ...good, dpop_proof: await proof() };
    expect(await decide(again)).toMatchObject({ allowed: true });
  });

  it('RFC 9449 §7.1: of another key is not allowed by the decision API', async () => {
    const thief = new DpopClient(service.http);
    thief.nonce = client.nonce;
    const ath = hash('sha256', token, 'base64url');
    const url = 'https://api.example.com/orders';
    const dpop_proof = await thief.prove('GET', '', { htu: url, ath });
    const body = { credential: token, context: { method: 'GET', url, dpop_proof } };
    const headers = asApiKey(service.adminKey);
    const answer = await service.http.json('POST', '/v1/verify', body, headers);
    expect(answer.json).toMatchObject({ allowed: false, code: 'binding_unproven' });
  });
});

describe('a refresh token', () => {
  const REFRESHABLE = 'https://refreshable.example.com';
  const REFRESH_EXCHANGE = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:countersign:token-type:api-key',
    audience: REFRESHABLE,
  };

  beforeAll(async () => {
    const refresh_tokens = { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 };
    await service.admin.createResourceServer(REFRESHABLE, { scopes: ['read'], refresh_tokens });
  });

  const refreshForm = (refresh_token: string) => ({ grant_type: 'refresh_token', refresh_token });

  it('RFC 9449 §5: of a client that did not authenticate is bound to the key that it has proven', async () => {
    const { json } = await client.form('/token', { ...REFRESH_EXCHANGE, subject_token: key.key });
    expect(json).toMatchObject({ token_type: 'DPoP', refresh_token: expect.any(String) });
    const form = refreshForm(json.refresh_token);
    const bare = await service.http.form('/token', form, {});
    expect([bare.status, bare.json.error]).toEqual([400, 'invalid_grant']);
    const thief = await new DpopClient(service.http).form('/token', form);
    expect([thief.status, thief.json.error]).toEqual([400, 'invalid_grant']);
    const own = await client.form('/token', form);
    expect(own.json).toMatchObject({ token_type: 'DPoP', refresh_token: expect.any(String) });
    expect(claimsOf(own.json.access_token)['cnf']).toEqual({ jkt: await client.jkt() });
  });

  it('RFC 9449 §5: of a client that authenticates is bound by its authentication alone', async () => {
    const form = { ...REFRESH_EXCHANGE, subject_token: key.key };
    const { json } = await client.form('/token', form, asApiKey(key.key));
    const other = new DpopClient(service.http);
    const next = refreshForm(json.refresh_token);
    const answer = await other.form('/token', next, asApiKey(key.key));
    expect(claimsOf(answer.json.access_token)['cnf']).toEqual({ jkt: await other.jkt() });
    const anonymous = await other.form('/token', refreshForm(answer.json.refresh_token));
    expect([anonymous.status, anonymous.json.error]).toEqual([400, 'invalid_grant']);
  });
});
