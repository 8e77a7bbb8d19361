import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { type Answer, asApiKey, asBasic, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const API = 'https://api.example.com';
const SHORT = 'https://short.example.com';
const SCOPES = ['read', 'write'];
const KEY = 'urn:countersign:token-type:api-key';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

let service: ServiceUnderTest;
let client: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest();
  await service.admin.createResourceServer(API, { scopes: SCOPES });
  const short = { scopes: ['read'], access_token_ttl_seconds: 30 };
  await service.admin.createResourceServer(SHORT, short);
  client = await service.admin.newKey(SCOPES);
});

afterAll(() => service.stop());

function exchange(
  subject: string,
  type: string,
  fields: FormFields = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subject,
    subject_token_type: type,
    ...fields,
  };
  return service.http.form('/token', form, headers);
}

function expectRefused(answer: Answer, error: string): void {
  expect([answer.status, answer.json.error]).toEqual([400, error]);
}

describe('token exchange', () => {
  it.each([
    [KEY, async () => client.key],
    [ACCESS_TOKEN, () => service.tokenFor(client.key)],
    [JWT, () => service.tokenFor(client.key)],
  ])('RFC 8693 §2.1, §2.2.1: takes %s and answers with its type, uncached', async (type, make) => {
    const answer = await exchange(await make(), type, { audience: API });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(answer.json).toMatchObject({
      token_type: 'Bearer',
      issued_token_type: ACCESS_TOKEN,
      scope: 'read write',
    });
    expect(claimsOf(answer.json.access_token)).toMatchObject({
      sub: client.principal_id,
      client_id: client.id,
      aud: API,
      cid: `${client.id}.${client.versions[0]?.id}`,
    });
  });

  it('RFC 8693 §2.2.1: answers with the type that was asked for', async () => {
    const answer = await exchange(client.key, KEY, { requested_token_type: JWT });
    expect(answer.json).toMatchObject({ issued_token_type: JWT });
  });

  it('RFC 8693 §2.2.2, §3: takes nothing for what it is not', async () => {
    const token = await service.tokenFor(client.key);
    expectRefused(await exchange(token, KEY), 'invalid_request');
    expectRefused(await exchange(client.key, ACCESS_TOKEN), 'invalid_request');
    expectRefused(await exchange('nonsense', JWT), 'invalid_request');
  });

  it('RFC 8693 §2.2.1, §4.2, §4.3: says what was issued, in the answer and in the JWT', async () => {
    const { json } = await exchange(client.key, KEY, { audience: API, scope: 'write read write' });
    expect(json).toEqual({
      access_token: expect.any(String),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'read write',
    });
    const claims = claimsOf(json.access_token);
    expect(claims).toMatchObject({ scope: 'read write', client_id: client.id });
    expect(claims).not.toHaveProperty('act');
  });

  it('RFC 8693 §2.1: checks client authentication that is sent, though none is needed', async () => {
    const right = await exchange(client.key, KEY, {}, asApiKey(client.key));
    expect(right.status).toBe(200);
    const wrong = await exchange(client.key, KEY, {}, asBasic(client.id, `${client.key}x`));
    expect([wrong.status, wrong.json.error]).toEqual([401, 'invalid_client']);
  });

  it('RFC 8693 §2.1: narrows scopes, for good', async () => {
    const narrow = (await exchange(client.key, KEY, { scope: 'read' })).json.access_token;
    expect(claimsOf(narrow)).toMatchObject({ scope: 'read' });
    expectRefused(await exchange(narrow, JWT, { scope: 'write' }), 'invalid_scope');
    expectRefused(await exchange(narrow, JWT, { scope: 'read write' }), 'invalid_scope');
    const again = (await exchange(narrow, JWT)).json.access_token;
    expect(claimsOf(again)).toMatchObject({ scope: 'read' });
  });

  it('RFC 8693 §2.1, RFC 8707 §2.2: narrows the audience, for good', async () => {
    const narrow = (await exchange(client.key, KEY, { audience: API })).json.access_token;
    for (const audience of [SHORT, service.url]) {
      expectRefused(await exchange(narrow, JWT, { audience }), 'invalid_target');
      expectRefused(await exchange(narrow, JWT, { resource: audience }), 'invalid_target');
    }
    expect(claimsOf((await exchange(narrow, JWT)).json.access_token)).toMatchObject({ aud: API });
  });

  it('never yields a token that lives longer than what it came from', async () => {
    const short = (await exchange(client.key, KEY, { audience: [SHORT, API] })).json.access_token;
    const exchanged = await exchange(short, JWT, { audience: API });
    expect(exchanged.json.expires_in).toBeLessThanOrEqual(30);
    expect(Number(claimsOf(exchanged.json.access_token)['exp'])).toBeLessThanOrEqual(
      Number(claimsOf(short)['exp']),
    );
    const expiresAt = Math.floor(Date.now() / 1000) + 20;
    const { key } = await service.admin.newKey(SCOPES, { key: { expires_at: expiresAt } });
    const ofKey = await exchange(key, KEY, { audience: API });
    expect(claimsOf(ofKey.json.access_token)).toMatchObject({ exp: expiresAt });
  });

  it('RFC 8693 §2.2.2: refuses what is revoked, and what it came from', async () => {
    const issued = await service.admin.newKey(SCOPES);
    const token = await service.tokenFor(issued.key);
    expect((await exchange(token, JWT)).status).toBe(200);
    await service.admin.revokeKey(issued.id);
    expectRefused(await exchange(token, JWT), 'invalid_request');
    expectRefused(await exchange(issued.key, KEY), 'invalid_request');
  });

  it('hands the restrictions of a key on to what it is exchanged for', async () => {
    const restrictions = { methods: ['GET'], paths: ['/reports/*'] };
    const { key } = await service.admin.newKey(SCOPES, { key: { restrictions } });
    const token = (await exchange(key, KEY)).json.access_token;
    expect(claimsOf(token)).toMatchObject({ restrictions });
    const introspect = (fields: FormFields) =>
      service.http.form('/introspect', { token, ...fields }, asApiKey(service.adminKey));
    expect((await introspect({ method: 'GET', path: '/reports/1' })).json.active).toBe(true);
    expect((await introspect({ method: 'POST', path: '/reports/1' })).json.active).toBe(false);
    expect((await introspect({ method: 'GET', path: '/other' })).json.active).toBe(false);
    expect((await introspect({})).json.active).toBe(false);
  });

  it('asks a key that is restricted to addresses where it comes from', async () => {
    const here = { key: { restrictions: { ips: ['127.0.0.0/8'] } } };
    const elsewhere = { key: { restrictions: { ips: ['192.0.2.1'] } } };
    const inside = await service.admin.newKey(SCOPES, here);
    const outside = await service.admin.newKey(SCOPES, elsewhere);
    expect((await exchange(inside.key, KEY)).status).toBe(200);
    expectRefused(await exchange(outside.key, KEY), 'invalid_request');
  });
});
