import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK } from 'jose';
import { administer } from '../../../test/administer.js';
import { type AssertionClient, clientKeyPair, newAssertionClient } from './assertion-client.js';
import { CONFIRMED } from './confirmed.js';
import { eventually } from './eventually.js';
import { type Answer, asApiKey, asBasic, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { claimsOf } from './token-forge.js';

const GRANT = { grant_type: 'client_credentials' };
const SCOPES = ['read', 'write'];

let service: ServiceUnderTest;
let proxy: TcpProxy;
let client: AssertionClient;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: { COUNTERSIGN_DATABASE_TIMEOUT_MS: '1000' },
    databaseUrl: async (direct) => (proxy = await startTcpProxy(direct)).url,
  });
  client = await newAssertionClient(service.admin, service.url, SCOPES);
});

afterAll(async () => {
  await service.stop();
  await proxy.close();
});

const newClient = (scopes = SCOPES, more = {}) =>
  newAssertionClient(service.admin, service.url, scopes, more);

const token = (fields: FormFields, headers = {}): Promise<Answer> =>
  service.http.form('/token', { ...GRANT, ...fields }, headers);

const create = async (authentication: unknown) => {
  const { id } = await service.admin.createPrincipal();
  const body = { name: 'key', scopes: [], environment: 'live', authentication };
  const headers = asApiKey(service.adminKey);
  return service.http.json('POST', `/v1/principals/${id}/keys`, body, headers);
};

const withKeys = (...keys: unknown[]) => ({ method: 'private_key_jwt', jwks: { keys } });

function expectInvalidClient(answer: Answer): void {
  expect([answer.status, answer.json.error]).toEqual([401, 'invalid_client']);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

describe('a key with public keys', () => {
  it('has no secret to show, and shows its public keys', async () => {
    const { jwk } = await clientKeyPair('PS256', 'one');
    const answer = await create(withKeys(jwk));
    expect(answer.status).toBe(201);
    const { id } = answer.json;
    expect(answer.json).toMatchObject({
      key: null,
      last_four: null,
      authentication: withKeys(jwk),
      versions: [{ id: id.slice(-16), last_four: null, expires_at: null }],
    });
    const read = await service.admin.readKey(id);
    expect(read).toMatchObject({ status: 'active', authentication: withKeys(jwk) });
  });

  it.each(['RS256', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519'])(
    'may have one of %s',
    async (alg) => {
      expect((await create(withKeys((await clientKeyPair(alg)).jwk))).status).toBe(201);
    },
  );

  it.each(['RS256', 'ES256', 'Ed25519'])(
    'is refused with a private key of %s, by the name of the member, which goes nowhere',
    async (alg) => {
      const { privateKey, jwk } = await clientKeyPair(alg);
      const { d } = await exportJWK(privateKey);
      const answer = await create(withKeys({ ...jwk, d }));
      expect(answer.status).toBe(422);
      expect(answer.json.errors).toContainEqual({
        field: 'authentication.jwks.keys.0.d',
        message: expect.stringContaining('private'),
      });
      expect(answer.text).not.toContain(d);
    },
  );

  it('is refused with keys that are weak, of another type, no keys at all, or too many', async () => {
    const { jwk } = await clientKeyPair();
    const { jwk: rsa } = await clientKeyPair('RS256');
    const { alg: _, ...rsaWithoutAlg } = rsa;
    const weak = { ...rsa, n: rsa.kty === 'RSA' ? rsa.n.slice(0, 171) : '' };
    const named = (kid: string) => ({ ...jwk, kid });
    const refused = [
      withKeys(),
      withKeys(weak),
      withKeys(rsaWithoutAlg),
      withKeys({ ...rsa, e: 'Aw' }),
      withKeys({ ...rsa, alg: 'HS256' }),
      withKeys({ ...jwk, alg: 'ES384' }),
      withKeys({ ...jwk, crv: 'secp256k1' }),
      withKeys({ ...jwk, x: 'A'.repeat(43) }),
      withKeys({ ...jwk, use: 'enc' }),
      withKeys({ kty: 'oct', k: 'AAAA' }),
      withKeys(jwk, named('a')),
      withKeys(named('a'), named('a')),
      withKeys(...['a', 'b', 'c', 'd', 'e'].map(named)),
      { ...withKeys(jwk), jwks_uri: 'https://keys.example.com' },
      { method: 'client_secret_jwt', jwks: { keys: [jwk] } },
      { method: 'private_key_jwt' },
      'private_key_jwt',
    ];
    const answers = await Promise.all(refused.map(create));
    expect(answers.map(({ status }) => status)).toEqual(refused.map(() => 422));
    expect((await create(withKeys(...['a', 'b', 'c', 'd'].map(named)))).status).toBe(201);
  });

  it('is not rotated, and does not change into one with a secret or back', async () => {
    const { key } = await newClient();
    const headers = asApiKey(service.adminKey);
    const rotated = await service.http.json('POST', `/v1/keys/${key.id}/rotate`, {}, headers);
    expect([rotated.status, rotated.json.code]).toEqual([409, 'wrong_state']);
    const withSecret = await service.admin.newKey();
    const patch = { authentication: withKeys((await clientKeyPair()).jwk) };
    const path = `/v1/keys/${withSecret.id}`;
    const changed = await service.http.json('PATCH', path, patch, headers);
    expect([changed.status, changed.json.code]).toEqual([409, 'wrong_state']);
    const none = { authentication: null };
    expect((await service.http.json('PATCH', `/v1/keys/${key.id}`, none, headers)).status).toBe(
      422,
    );
  });

  it('is changed by nobody who may do less than the key', async () => {
    const strong = await newClient(['countersign:keys:write', 'countersign:roles:write']);
    const { key: weak } = await service.admin.newKey(['countersign:keys:write']);
    const patch = { authentication: withKeys((await clientKeyPair()).jwk) };
    const path = `/v1/keys/${strong.key.id}`;
    const answer = await service.http.json('PATCH', path, patch, asApiKey(weak));
    expect([answer.status, answer.json.code]).toEqual([403, 'grant_exceeds_caller']);
    expect((await token(await strong.form())).status).toBe(200);
  });

  it('is recorded with its public keys', async () => {
    const { key } = await newClient();
    await service.admin.patchKey(key.id, {
      authentication: { method: 'private_key_jwt', jwks: { keys: [(await clientKeyPair()).jwk] } },
    });
    const path = `/v1/audit-events?resource_id=${key.id}`;
    const { data } = (await service.http.get(path, asApiKey(service.adminKey))).json;
    expect(data[0]).toMatchObject({
      action: 'key.updated',
      before: { authentication: key.authentication },
    });
    expect(data[1]).toMatchObject({ action: 'key.created', after: { last_four: null } });
  });
});

describe('private_key_jwt', () => {
  it('yields a token for the key, at /token (RFC 7523 §2.2)', async () => {
    const answer = await token(await client.form());
    expect([answer.status, answer.text.includes('error')]).toEqual([200, false]);
    const { key } = client;
    expect(claimsOf(answer.json.access_token)).toMatchObject({
      sub: key.principal_id,
      client_id: key.id,
      scope: 'read write',
      cid: `${key.id}.${key.versions[0]?.id}`,
    });
    const principal = { credential: { root: { type: 'api_key', id: key.id } } };
    expect(await service.introspect(answer.json.access_token)).toMatchObject({
      active: true,
      principal,
    });
  });

  it('may name the client in the form as well, if it is the same (RFC 7521 §4.2)', async () => {
    const same = { client_id: client.key.id, ...(await client.form()) };
    expect((await token(same)).status).toBe(200);
    const other = await service.admin.newKey();
    expectInvalidClient(await token({ ...(await client.form()), client_id: other.id }));
  });

  it('introspects and revokes', async () => {
    const gate = await newClient(['countersign:introspect']);
    const about = (await token(await client.form())).json.access_token as string;
    const introspected = await service.http.form('/introspect', {
      token: about,
      ...(await gate.form()),
    });
    expect(introspected.json).toMatchObject({ active: true, client_id: client.key.id });
    const notGranted = await service.http.form('/introspect', {
      token: about,
      ...(await client.form()),
    });
    expect([notGranted.status, notGranted.json.error]).toEqual([403, 'insufficient_scope']);
    const revoked = await service.http.form('/revoke', { token: about, ...(await client.form()) });
    expect([revoked.status, revoked.json]).toEqual([200, { propagation: CONFIRMED }]);
    expect(await service.introspect(about)).toEqual({ active: false });
  });

  it.each(['/token', '/introspect', '/revoke'])(
    'takes no assertion twice, at %s (RFC 7523 §3, item 7)',
    async (path) => {
      const { form } = await newClient(['countersign:introspect']);
      const fields = { ...GRANT, token: 'x', ...(await form()) };
      expect((await service.http.form(path, fields)).status).toBe(200);
      for (const elsewhere of ['/token', '/introspect', '/revoke']) {
        expectInvalidClient(await service.http.form(elsewhere, fields));
      }
      const both = { ...GRANT, token: 'x', ...(await form()) };
      const answers = await Promise.all([1, 2, 3, 4].map(() => service.http.form(path, both)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    },
  );

  it('keeps of a used assertion what tells nothing, for as long as it could be used', async () => {
    const exp = Math.floor(Date.now() / 1000) + 200;
    const jti = `telling ${client.key.id}`;
    expect((await token(await client.form({ exp, jti }))).status).toBe(200);
    const rows = await administer(service.databaseUrl, 'SELECT * FROM used_client_assertions');
    expect(JSON.stringify(rows)).not.toContain(jti);
    const until = rows.map((row) => new Date(String(row['expires_at'])).getTime());
    expect(until).toContain((exp + 5) * 1000);
  });

  it('is refused for every other audience than the issuer, as a string (RFC 7523 §3, item 3)', async () => {
    for (const aud of [
      `${service.url}/token`,
      `${service.url}/`,
      [service.url],
      'https://x.example',
    ]) {
      expectInvalidClient(await token(await client.form({ aud })));
    }
  });

  it('is refused in all the ways in which an assertion can be wrong, all alike (RFC 7523 §3, §3.2)', async () => {
    const now = Math.floor(Date.now() / 1000);
    const other = await newClient();
    const forged = await other.assertion({ iss: client.key.id, sub: client.key.id });
    const type = (await client.form())['client_assertion_type'] ?? '';
    const wrong = [
      await client.form({ exp: now - 10 }),
      await client.form({ exp: now + 400 }),
      await client.form({ nbf: now + 60 }),
      await client.form({ iss: other.key.id }),
      await client.form({ jti: '' }),
      { client_assertion_type: type, client_assertion: forged },
      { client_assertion_type: type, client_assertion: 'nonsense' },
      { client_assertion_type: type, client_assertion: client.key.id },
      { client_assertion_type: type, client_assertion: service.adminKey },
    ];
    const answers = await Promise.all(wrong.map((fields) => token(fields)));
    answers.forEach(expectInvalidClient);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('is refused when half of it is missing, or of another type (RFC 7521 §4.2)', async () => {
    const { client_assertion = '', client_assertion_type = '' } = await client.form();
    expectInvalidClient(await token({ client_assertion }));
    expectInvalidClient(await token({ client_assertion_type }));
    const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    expectInvalidClient(await token({ client_assertion, client_assertion_type: saml }));
  });

  it('is the only way to authenticate in a request (RFC 6749 §2.3)', async () => {
    const { id, key } = await service.admin.newKey(SCOPES);
    const others: [FormFields, Record<string, string>][] = [
      [{}, asBasic(id, key)],
      [{}, asApiKey(key)],
      [{}, asBearer(key)],
      [{ client_id: id, client_secret: key }, {}],
      [{ client_secret: key }, {}],
    ];
    for (const path of ['/token', '/introspect', '/revoke']) {
      for (const [fields, headers] of others) {
        const form = { ...GRANT, token: 'x', ...fields, ...(await client.form()) };
        const answer = await service.http.form(path, form, headers);
        expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
      }
    }
    const once = await client.form();
    const repeated = `grant_type=client_credentials&${new URLSearchParams(once)}&client_assertion=x`;
    expect((await service.http.form('/token', repeated)).status).toBe(400);
  });

  it('is refused once the key is disabled, revoked or deleted, and its tokens with it', async () => {
    const dying = await newClient();
    const derived = (await token(await dying.form())).json.access_token as string;
    await service.admin.patchKey(dying.key.id, { status: 'disabled' });
    expectInvalidClient(await token(await dying.form()));
    expect(await service.introspect(derived)).toEqual({ active: false });
    await service.admin.patchKey(dying.key.id, { status: 'active' });
    expect((await token(await dying.form())).status).toBe(200);
    expect(await service.introspect(derived)).toMatchObject({ active: true });
    await service.admin.revokeKey(dying.key.id);
    expectInvalidClient(await token(await dying.form()));
    expect(await service.introspect(derived)).toEqual({ active: false });
    await service.admin.deleteKey(dying.key.id);
    expectInvalidClient(await token(await dying.form()));
  });

  it('follows the public keys of the key as soon as they are changed', async () => {
    const { key, form } = await newClient();
    const next = await clientKeyPair();
    expect((await token(await form())).status).toBe(200);
    await service.admin.patchKey(key.id, {
      authentication: { method: 'private_key_jwt', jwks: { keys: [next.jwk] } },
    });
    expectInvalidClient(await token(await form()));
  });

  it('holds the key to its addresses, audiences and expiry', async () => {
    const elsewhere = await newClient(SCOPES, { key: { restrictions: { ips: ['192.0.2.1'] } } });
    expectInvalidClient(await token(await elsewhere.form()));
    const api = 'https://api.example.com';
    await service.admin.createResourceServer(api, { scopes: SCOPES });
    const limited = await newClient(SCOPES, { key: { audiences: [api] } });
    expect(claimsOf((await token(await limited.form())).json.access_token)).toMatchObject({
      aud: api,
    });
    const soon = new Date(Date.now() + 1_500).toISOString();
    const short = await newClient(SCOPES, { key: { expires_at: soon } });
    await delay(1_600);
    expectInvalidClient(await token(await short.form()));
  });

  it('records that the key was used', async () => {
    const { key, form } = await newClient();
    await token(await form());
    const used = await eventually('it is recorded', async () => {
      return (await service.admin.readKey(key.id)).last_used_at;
    });
    expect(Math.abs(Date.now() - new Date(used).getTime())).toBeLessThan(20_000);
  });

  it('is checked where a token is exchanged, too', async () => {
    const { key } = await service.admin.newKey(SCOPES);
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: key,
      subject_token_type: 'urn:countersign:token-type:api-key',
    };
    expect(
      (await service.http.form('/token', { ...exchange, ...(await client.form()) })).status,
    ).toBe(200);
    const wrong = { ...exchange, ...(await client.form({ aud: 'x' })) };
    expectInvalidClient(await service.http.form('/token', wrong));
  });

  it('is no credential anywhere else', async () => {
    const assertion = await client.assertion();
    expect((await service.http.get('/whoami', asBearer(assertion))).status).toBe(401);
    expect((await service.http.get('/whoami', asApiKey(client.key.id))).status).toBe(401);
    expect(await service.introspect(assertion)).toEqual({ active: false });
    expectInvalidClient(await token({}, asBasic(client.key.id, assertion)));
  });

  // Last: it cuts the database off.
  it.each([
    ['is gone', () => proxy.cut()],
    ['hangs', () => proxy.hang()],
  ])('is 503 while the database %s, and neither accepted nor invalid', async (_, begin) => {
    const paths = ['/token', '/introspect', '/revoke'];
    const forms = await Promise.all(paths.map(() => client.form()));
    expect((await token(await client.form())).status).toBe(200);
    begin();
    try {
      const answers = await Promise.all(
        paths.map((path, at) => service.http.form(path, { ...GRANT, token: 'x', ...forms[at] })),
      );
      for (const answer of answers) {
        expect([answer.status, answer.json.error]).toEqual([503, 'temporarily_unavailable']);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    } finally {
      proxy.resume();
    }
    await eventually('it is accepted again', async () => {
      return (await token(await client.form())).status === 200;
    });
  });
});
