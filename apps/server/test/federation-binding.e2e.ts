import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../../test/certificate-authority.js';
import { DpopClient } from './dpop-client.js';
import { FakeIssuer } from './fake-issuer.js';
import { asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};
const REFRESHABLE = 'https://refreshable.example.com';
const UNPROVEN = { allowed: false, code: 'binding_unproven' };

let service: ServiceUnderTest;
let issuer: FakeIssuer;
let client: DpopClient;
/** Of the trusted issuer, which has bound it to the client's key. */
let token: string;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  issuer = await FakeIssuer.start();
  await service.admin.trustIssuer(issuer.url, {
    scopes: ['read'],
    provisioning: 'create',
    target_audiences: [],
  });
  const refresh_tokens = { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 };
  await service.admin.createResourceServer(REFRESHABLE, { scopes: ['read'], refresh_tokens });
  client = new DpopClient(service.http);
  token = await issuer.token({ scope: 'read', cnf: { jkt: await client.jkt() } });
});

afterAll(async () => {
  await service.stop();
  await issuer.stop();
});

async function decide(credential: string, context: object) {
  const headers = asApiKey(service.adminKey);
  return (await service.http.json('POST', '/v1/verify', { credential, context }, headers)).json;
}

describe("a trusted issuer's token that is bound to a key", () => {
  it('is refused as Bearer (RFC 9449 §7.2)', async () => {
    expect((await service.http.get('/whoami', asBearer(token))).status).toBe(401);
    expect((await service.http.get('/forward-auth', asBearer(token))).status).toBe(401);
    expect(await decide(token, {})).toMatchObject(UNPROVEN);
  });

  it('is taken with a proof of its key, and with no other (RFC 9449 §7.1)', async () => {
    expect((await client.call('GET', '/whoami', token)).status).toBe(200);
    const thief = new DpopClient(service.http);
    expect((await thief.call('GET', '/whoami', token)).status).toBe(401);
  });

  it('is allowed by the decision API with a good proof, once', async () => {
    const url = 'https://api.example.com/orders';
    const ath = hash('sha256', token, 'base64url');
    const stale = await decide(token, { method: 'GET', url, dpop_proof: 'x' });
    client.nonce = stale.dpop_nonce;
    const dpop_proof = await client.prove('GET', '', { htu: url, ath });
    const context = { method: 'GET', url, dpop_proof };
    expect(await decide(token, context)).toMatchObject({ allowed: true });
    expect(await decide(token, context)).toMatchObject(UNPROVEN);
  });

  it('is introspected with its confirmation (RFC 9449 §6.2)', async () => {
    expect(await service.introspect(token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await client.jkt() },
    });
  });

  it('is exchanged with a proof alone, for one that is bound to the same key', async () => {
    const fields = { ...EXCHANGE, subject_token: token };
    for (const answer of [
      await service.http.form('/token', fields),
      await new DpopClient(service.http).form('/token', fields),
    ]) {
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    }
    const { status, json } = await client.form('/token', fields);
    expect([status, json.token_type]).toEqual([200, 'DPoP']);
    expect(claimsOf(json.access_token)).toMatchObject({ cnf: { jkt: await client.jkt() } });
  });

  it('begets no refresh token, which would be good without the key', async () => {
    const asked = { ...EXCHANGE, audience: REFRESHABLE };
    const unbound = await issuer.token({ scope: 'read' });
    const usual = await service.http.form('/token', { ...asked, subject_token: unbound });
    expect(usual.json).toHaveProperty('refresh_token');
    const bound = await client.form('/token', { ...asked, subject_token: token });
    expect(bound.status).toBe(200);
    expect(bound.json).not.toHaveProperty('refresh_token');
  });
});

describe("a trusted issuer's token that is bound to a certificate", () => {
  it('is refused without it (RFC 8705 §3)', async () => {
    const { thumbprint } = await selfSigned();
    const bound = await issuer.token({ scope: 'read', cnf: { 'x5t#S256': thumbprint } });
    expect((await service.http.get('/whoami', asBearer(bound))).status).toBe(401);
    expect((await service.http.get('/forward-auth', asBearer(bound))).status).toBe(401);
    expect(await decide(bound, {})).toMatchObject(UNPROVEN);
    expect(
      await decide(bound, { certificate_thumbprint: (await selfSigned()).thumbprint }),
    ).toEqual(expect.objectContaining(UNPROVEN));
    expect(await decide(bound, { certificate_thumbprint: thumbprint })).toMatchObject({
      allowed: true,
    });
    expect(await service.introspect(bound)).toMatchObject({ cnf: { 'x5t#S256': thumbprint } });
  });
});

describe("a trusted issuer's token whose confirmation cannot be checked here", () => {
  it.each([
    ['a key by its id', { kid: 'k' }],
    ['a key itself', { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['a known member beside one that is not', { jkt: 'A'.repeat(43), kid: 'k' }],
    ['nothing', {}],
    ['null', null],
    ['a text', 'jkt'],
    ['a thumbprint that is none', { jkt: 'short' }],
  ])('is turned away: %s (RFC 7800 §3.1)', async (_what, cnf) => {
    expect(await service.introspect(await rawToken(cnf))).toEqual({ active: false });
  });
});

/** `null` stays what it is, other than in `FakeIssuer.token`. */
async function rawToken(cnf: unknown): Promise<string> {
  return issuer.token({ cnf: { toJSON: () => cnf } });
}
