import { DERIVED_FROM_MAX } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { FakeIssuer } from './fake-issuer.js';
import { type Answer, asApiKey, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const API = 'https://api.example.com';
const SCOPES = ['read', 'write'];
const KEY = 'urn:countersign:token-type:api-key';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

let service: ServiceUnderTest;
let issuer: FakeIssuer;
let key: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  issuer = await FakeIssuer.start();
  await service.admin.createResourceServer(API, {
    scopes: SCOPES,
    refresh_tokens: { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 },
  });
  key = await service.admin.newKey(SCOPES);
});

afterAll(async () => {
  await issuer.stop();
  await service.stop();
});

async function answerOf(form: FormFields): Promise<Answer['json']> {
  const { status, text, json } = await service.http.form('/token', form);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return json;
}

function exchange(token: string, more: FormFields = {}): FormFields {
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: token.startsWith('ey') ? ACCESS_TOKEN : KEY,
    ...more,
  };
}

async function exchanged(token: string, more: FormFields = {}): Promise<string> {
  return (await answerOf(exchange(token, more))).access_token;
}

function refresh(refresh_token: string): FormFields {
  return { grant_type: 'refresh_token', refresh_token };
}

async function revoke(token: string): Promise<void> {
  const { status } = await service.http.form('/revoke', { token }, asApiKey(service.adminKey));
  expect(status).toBe(200);
}

function activity(...tokens: string[]): Promise<boolean[]> {
  return Promise.all(tokens.map(async (token) => (await service.introspect(token)).active));
}

describe('a token that was exchanged', () => {
  it('is revoked with every token that it came of, and with no other', async () => {
    const first = await service.tokenFor(key.key);
    const second = await exchanged(first);
    const [third, sibling] = [await exchanged(second), await exchanged(first)];
    const stranger = await exchanged(await service.tokenFor(key.key));
    const all = [first, second, third, sibling, stranger];
    expect(claimsOf(third)['derived_from']).toEqual(
      [first, second].map((token) => claimsOf(token)['jti']),
    );
    expect(await activity(...all)).toEqual([true, true, true, true, true]);
    await revoke(second);
    expect(await activity(...all)).toEqual([true, false, false, true, true]);
    await revoke(first);
    expect(await activity(...all)).toEqual([false, false, false, false, true]);
    expect((await service.http.get('/whoami', asBearer(sibling))).status).toBe(401);
    expect((await service.http.form('/token', exchange(sibling))).status).toBe(400);
  });

  it('is revoked with what its actor presented', async () => {
    const actor = await service.admin.newKey([]);
    const subject = await service.admin.newKey(SCOPES, {
      principal: { actor_ids: [actor.principal_id] },
    });
    const actor_token = await service.tokenFor(actor.key);
    const token = await exchanged(subject.key, { actor_token, actor_token_type: ACCESS_TOKEN });
    const later = await exchanged(token);
    expect(await activity(token, later)).toEqual([true, true]);
    await revoke(actor_token);
    expect(await activity(token, later)).toEqual([false, false]);
  });

  it("is revoked with the trusted issuer's token that it came of", async () => {
    await service.admin.trustIssuer(issuer.url, {
      scopes: SCOPES,
      target_audiences: [],
      provisioning: 'create',
    });
    for (const claims of [{ jti: 'one' }, { jti: undefined }]) {
      const theirs = await issuer.token({ sub: 'alice', scope: 'read', ...claims });
      const ours = await exchanged(theirs);
      const later = await exchanged(ours);
      expect(await activity(ours, later)).toEqual([true, true]);
      await revoke(theirs);
      expect(await activity(theirs, ours, later)).toEqual([false, false, false]);
    }
  });

  it('is revoked with the key that has signed what it came of, under whichever key it is itself', async () => {
    const changing = 'https://changing.example.com';
    const { id } = await service.admin.createResourceServer(changing, { scopes: SCOPES });
    const audience = { audience: changing };
    const parent = await service.tokenFor(key.key, audience);
    const body = { signing_alg: 'ES256' };
    const path = `/v1/resource-servers/${id}`;
    await service.http.json('PATCH', path, body, asApiKey(service.adminKey));
    const token = await exchanged(parent, audience);
    const [stolen, safe] = [headerOf(parent)['kid'], headerOf(token)['kid']];
    expect(stolen).not.toBe(safe);
    const { headers } = await service.http.get(
      `/forward-auth?audience=${changing}`,
      asBearer(parent),
    );
    const internal = headers.get('x-principal-token') ?? '';
    expect(headerOf(internal)['kid']).toBe(safe);
    const stranger = await service.tokenFor(key.key, audience);
    expect(await activity(parent, token, internal, stranger)).toEqual([true, true, true, true]);
    await service.admin.compromiseSigningKey(String(stolen));
    expect(await activity(parent, token, internal, stranger)).toEqual([false, false, false, true]);
  });

  it('is not exchanged without end', async () => {
    let token = await service.tokenFor(key.key);
    for (let count = 2; count < DERIVED_FROM_MAX; count += 1) token = await exchanged(token);
    const { status, json } = await service.http.form('/token', exchange(token));
    expect([status, json.error]).toEqual([400, 'invalid_request']);
    expect(json.error_description).toContain('too many exchanges');
    // What a gateway hands on has a place left.
    expect((await service.http.get('/forward-auth', asBearer(token))).status).toBe(200);
  });
});

describe('what a gateway hands to its upstream', () => {
  it('is revoked with the token that the end client has presented', async () => {
    const token = await service.tokenFor(key.key);
    const { headers } = await service.http.get('/forward-auth', asBearer(token));
    const internal = headers.get('x-principal-token') ?? '';
    expect(await activity(internal)).toEqual([true]);
    await revoke(token);
    expect(await activity(internal)).toEqual([false]);
  });
});

describe('RFC 7009 §2.1: a family of refresh tokens', () => {
  async function familyOfThree() {
    const first = await answerOf(exchange(key.key, { audience: API }));
    const second = await answerOf(refresh(first.refresh_token));
    const third = await answerOf(refresh(second.refresh_token));
    const tokens = [first, second, third].map(({ access_token }) => access_token as string);
    const derived = await exchanged(tokens[0] ?? '');
    expect(await activity(...tokens, derived)).toEqual([true, true, true, true]);
    return { answers: [first, second, third], tokens, derived };
  }

  it('takes along every access token that came of it, when it is revoked', async () => {
    const { answers, tokens, derived } = await familyOfThree();
    const other = await familyOfThree();
    await revoke(answers[2].refresh_token);
    expect(await activity(...tokens, derived)).toEqual([false, false, false, false]);
    expect(await activity(...other.tokens)).toEqual([true, true, true]);
  });

  it('RFC 9700 §4.14.2: and when one of them is used twice', async () => {
    const { answers, tokens, derived } = await familyOfThree();
    const again = await service.http.form('/token', refresh(answers[0].refresh_token));
    expect([again.status, again.json.error]).toEqual([400, 'invalid_grant']);
    expect(await activity(...tokens, derived)).toEqual([false, false, false, false]);
  });
});
