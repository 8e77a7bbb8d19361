import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { type Answer, asApiKey, asBasic, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const API = 'https://api.example.com';
const SHORT = 'https://short.example.com';
const ES256 = 'https://es256.example.com';
const ED25519 = 'https://ed25519.example.com';
const OLD = 'https://old.example.com';
const SCOPES = ['read', 'write'];

let service: ServiceUnderTest;
let client: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest();
  const { admin } = service;
  await admin.createResourceServer(API, { scopes: SCOPES });
  await admin.createResourceServer(SHORT, { scopes: ['read'], access_token_ttl_seconds: 30 });
  await admin.createResourceServer(ES256, { scopes: SCOPES, signing_alg: 'ES256' });
  await admin.createResourceServer(ED25519, { scopes: SCOPES, signing_alg: 'Ed25519' });
  await admin.createResourceServer(OLD, { scopes: SCOPES, token_typ: 'JWT' });
  client = await admin.newKey([...SCOPES, 'other'], { principal: { name: 'Nightly' } });
});

afterAll(() => service.stop());

function request(fields: FormFields, headers: Record<string, string> = {}): Promise<Answer> {
  return service.http.form('/token', { grant_type: 'client_credentials', ...fields }, headers);
}

async function issue(fields: FormFields = {}, key: string = client.key): Promise<string> {
  const { status, text, json } = await request(fields, asApiKey(key));
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  return json.access_token as string;
}

function expectRefused(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.json.error]).toEqual([status, error]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

describe('client credentials', () => {
  it.each([
    ['Basic', () => [{}, asBasic(client.id, client.key)]],
    ['Basic, percent-encoded throughout', () => [{}, percentEncodedBasic()]],
    ['the form', () => [{ client_id: client.id, client_secret: client.key }, {}]],
    ['X-API-Key', () => [{}, asApiKey(client.key)]],
    [
      'X-API-Key, with the client id in the form',
      () => [{ client_id: client.id }, asApiKey(client.key)],
    ],
    ['Bearer', () => [{}, asBearer(client.key)]],
  ] as [string, () => [FormFields, Record<string, string>]][])(
    'RFC 6749 §4.4, §5.1: are taken by %s, and yield a token that no cache keeps',
    async (_, present) => {
      const answer = await request(...present());
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('pragma')).toBe('no-cache');
      expect(answer.json).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'other read write',
      });
    },
  );

  it('are a key: a JWT is no client', async () => {
    const token = await issue();
    expectRefused(await request({}, asBearer(token)), 401, 'invalid_client');
    expectRefused(await request({}, asBasic(client.id, token)), 401, 'invalid_client');
  });

  it('RFC 6749 §5.2: with a wrong id or secret are invalid_client, with a challenge', async () => {
    const { key } = await service.admin.newKey();
    for (const headers of [asBasic('key_x', client.key), asBasic(client.id, key)]) {
      const answer = await request({}, headers);
      expectRefused(answer, 401, 'invalid_client');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  });
});

describe('an access token', () => {
  it('RFC 9068 §2.1, §2.2: has the claims, and is signed RS256 unless asked otherwise', async () => {
    const token = await issue({ audience: API, scope: 'write read' });
    const jwks = (await service.http.get('/.well-known/jwks.json')).json;
    expect(headerOf(token)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: jwks.keys[0].kid });
    const now = Date.now() / 1000;
    const claims = claimsOf(token);
    expect(claims).toMatchObject({
      iss: service.url,
      sub: client.principal_id,
      aud: API,
      client_id: client.id,
      scope: 'read write',
      name: 'Nightly',
      env: 'live',
      cid: `${client.id}.${client.versions[0]?.id}`,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Math.abs(Number(claims['iat']) - now)).toBeLessThan(10);
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(300);
    expect(claimsOf(await issue())['jti']).not.toBe(claims['jti']);
  });

  it.each([
    [API, 'RS256', 'at+jwt', 300],
    [SHORT, 'RS256', 'at+jwt', 30],
    [ES256, 'ES256', 'at+jwt', 300],
    [ED25519, 'Ed25519', 'at+jwt', 300],
    [OLD, 'RS256', 'JWT', 300],
  ])('for %s is as it wants it: %s, %s, %d s', async (audience, alg, typ, ttlSeconds) => {
    const token = await issue({ audience });
    const { exp, iat, aud } = claimsOf(token) as { exp: number; iat: number; aud: string };
    expect(headerOf(token)).toMatchObject({ alg, typ });
    expect([aud, exp - iat]).toEqual([audience, ttlSeconds]);
    expect(await service.introspect(token)).toMatchObject({ active: true, aud: audience });
  });

  it('RFC 9068 §3: without an audience is for where its key may be used, and else for the issuer', async () => {
    expect(claimsOf(await issue())).toMatchObject({ aud: service.url });
    const more = { key: { audiences: [SHORT, API] } };
    const restricted = await service.admin.newKey(SCOPES, more);
    const claims = claimsOf(await issue({}, restricted.key));
    expect(claims).toMatchObject({ aud: [API, SHORT] });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(30);
  });

  it('RFC 8707 §2: may be for several, by audience and resource, with the scopes that any defines', async () => {
    const token = await issue({ audience: [API, SHORT], resource: [SHORT, API] });
    expect(claimsOf(token)).toMatchObject({ aud: [API, SHORT], scope: 'read write' });
    const { exp, iat } = claimsOf(token) as { exp: number; iat: number };
    expect(exp - iat).toBe(30);
    const differently = await request({ resource: [API, ES256] }, asApiKey(client.key));
    expectRefused(differently, 400, 'invalid_target');
  });

  it('RFC 8707 §2.2: has only scopes that its audience defines', async () => {
    expect(claimsOf(await issue({ audience: SHORT }))).toMatchObject({ scope: 'read' });
    const beyond = { audience: SHORT, scope: 'write' };
    expectRefused(await request(beyond, asApiKey(client.key)), 400, 'invalid_scope');
  });

  it('RFC 8707 §2: is for an audience that there is, and that its key is good for', async () => {
    const unknown = { audience: 'https://unknown.example.com' };
    expectRefused(await request(unknown, asApiKey(client.key)), 400, 'invalid_target');
    const restricted = await service.admin.newKey(SCOPES, { key: { audiences: [API] } });
    const elsewhere = await request({ audience: SHORT }, asApiKey(restricted.key));
    expectRefused(elsewhere, 400, 'invalid_target');
    const issuer = await request({ audience: service.url }, asApiKey(restricted.key));
    expectRefused(issuer, 400, 'invalid_target');
  });

  it('RFC 6749 §3.3: never has more scopes than are held', async () => {
    for (const scope of ['admin', 'read admin', 'countersign:admin']) {
      expectRefused(await request({ scope }, asApiKey(client.key)), 400, 'invalid_scope');
    }
    expect(claimsOf(await issue({ scope: 'read read' }))).toMatchObject({ scope: 'read' });
  });

  it('never outlives its key', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) + 60;
    const more = { key: { expires_at: expiresAt } };
    const { key } = await service.admin.newKey(SCOPES, more);
    const answer = await request({ audience: API }, asApiKey(key));
    expect(answer.json.expires_in).toBeLessThanOrEqual(60);
    expect(claimsOf(answer.json.access_token)['exp']).toBe(expiresAt);
  });
});

function percentEncodedBasic(): { authorization: string } {
  const encoded = (text: string) =>
    Array.from(text, (character) => `%${character.charCodeAt(0).toString(16)}`).join('');
  return { authorization: `Basic ${btoa(`${encoded(client.id)}:${encoded(client.key)}`)}` };
}
