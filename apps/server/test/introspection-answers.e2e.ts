import { createLocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { administer } from '../../../test/administer.js';
import type { NewKey } from './admin-client.js';
import { type Answer, asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const ORDERS = 'https://orders.example.com';
const BILLING = 'https://billing.example.com';
const SIGNED = 'application/token-introspection+jwt';

let service: ServiceUnderTest;
let gate: NewKey;
let key: NewKey;
let hidden: NewKey;
let revoked: NewKey;
let token: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  const { admin } = service;
  gate = await admin.newKey(['countersign:introspect']);
  const principalIds = [gate.principal_id];
  await admin.createResourceServer(ORDERS, { scopes: ['read'], principal_ids: principalIds });
  await admin.createResourceServer(BILLING, { scopes: ['read'] });
  key = await admin.newKey(['read'], { principal: { name: 'Ünïcode 🗝' } });
  token = await service.tokenFor(key.key, { audience: ORDERS });
  hidden = await admin.newKey(['read'], { key: { audiences: [BILLING] } });
  revoked = await admin.newKey(['read']);
  await admin.revokeKey(revoked.id);
});

afterAll(() => service.stop());

function introspect(asked: string, accept?: string, more = {}): Promise<Answer> {
  const headers = { ...asApiKey(gate.key), ...(accept !== undefined && { accept }) };
  return service.http.form('/introspect', { token: asked, ...more }, headers);
}

function signed(asked: string): Promise<Answer> {
  return introspect(asked, SIGNED);
}

describe('an introspection answer', () => {
  it('says of a JWT what the JWT says, and whom it stands for (RFC 7662 §2.2)', async () => {
    const { client_id, exp, iat, sub, aud, iss, jti, scope } = claimsOf(token);
    expect((await introspect(token)).json).toEqual({
      ...{ active: true, token_type: 'Bearer', username: 'Ünïcode 🗝' },
      ...{ client_id, exp, iat, sub, aud, iss, jti, scope },
      restrictions: [],
      principal: expect.objectContaining({ subject: sub }),
    });
  });

  it('has of a key the members that a key has something for (RFC 7662 §2.2)', async () => {
    const { json } = await introspect(key.key);
    expect(json).toEqual({
      ...{ active: true, token_type: 'api_key', username: 'Ünïcode 🗝', scope: 'read' },
      ...{ client_id: key.id, sub: key.principal_id, iss: service.url },
      iat: Math.floor(Date.parse(key.created_at) / 1000),
      restrictions: [],
      principal: expect.objectContaining({ subject: key.principal_id }),
    });
  });

  it('is in JSON, and kept by no cache (RFC 7662 §2.2)', async () => {
    for (const asked of [token, revoked.key, 'nonsense']) {
      const { headers } = await introspect(asked);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('a signed introspection answer', () => {
  it('is signed, by a published key, with RS256 by default (RFC 9701 §5, §6)', async () => {
    const jwks = createRemoteJWKSet(new URL(`${service.url}/.well-known/jwks.json`));
    const { protectedHeader } = await jwtVerify((await signed(token)).text, jwks, {
      issuer: service.url,
      audience: gate.id,
      typ: 'token-introspection+jwt',
      algorithms: ['RS256'],
    });
    expect(protectedHeader.kid).toEqual(expect.any(String));
  });

  it('has the media type and the typ of its own (RFC 9701 §5)', async () => {
    const answer = await signed(token);
    expect(answer.headers.get('content-type')).toBe(SIGNED);
    expect(headerOf(answer.text)['typ']).toBe('token-introspection+jwt');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('MUST have iss, aud, iat and token_introspection, and SHOULD NOT have sub or exp (RFC 9701 §5)', async () => {
    const before = Math.floor(Date.now() / 1000);
    const claims = claimsOf((await signed(token)).text);
    expect(Object.keys(claims)).toEqual(['iss', 'aud', 'iat', 'token_introspection']);
    expect(claims['iss']).toBe(service.url);
    expect(claims['aud']).toBe(gate.id);
    expect(claims['iat']).toBeGreaterThanOrEqual(before);
    expect(claims['iat']).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('MUST identify the receiver, also when it presents a JWT or Basic credentials (RFC 9701 §5)', async () => {
    const jwt = await service.tokenFor(gate.key);
    for (const authentication of [asBearer(jwt), asBearer(gate.key), asBasic(gate.id, gate.key)]) {
      const headers = { ...authentication, accept: SIGNED };
      const { text } = await service.http.form('/introspect', { token }, headers);
      expect(claimsOf(text)['aud']).toBe(gate.id);
    }
  });

  it('says inside what the plain answer says (RFC 9701 §5)', async () => {
    for (const asked of [key.key, token]) {
      const plain = await introspect(asked);
      expect(plain.json.active).toBe(true);
      expect(claimsOf((await signed(asked)).text)['token_introspection']).toEqual(plain.json);
    }
  });

  it('MUST have active false and no other member for what is invalid, revoked, or not for the receiver (RFC 9701 §5)', async () => {
    for (const asked of ['nonsense', `${token.slice(0, -4)}AAAA`, revoked.key, hidden.key]) {
      expect(claimsOf((await signed(asked)).text)['token_introspection']).toEqual({
        active: false,
      });
    }
  });

  it('MUST be for an authenticated caller only, who else gets an error in JSON (RFC 9701 §4)', async () => {
    const rows = [
      [401, { accept: SIGNED }],
      [401, { accept: SIGNED, ...asApiKey('nonsense') }],
      [403, { accept: SIGNED, ...asApiKey(key.key) }],
    ] as const;
    for (const [status, headers] of rows) {
      const answer = await service.http.form('/introspect', { token }, headers);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('is never taken for an access token, by us or by a local verifier (RFC 9701 §8.1)', async () => {
    const { text } = await signed(token);
    expect((await introspect(text)).text).toBe('{"active":false}');
    expect((await service.http.get('/whoami', asBearer(text))).status).toBe(401);
    const verifier = createLocalVerifier({
      issuer: service.url,
      audience: gate.id,
      types: ['at+jwt', 'JWT'],
      allowInsecureHttp: true,
    });
    expect((await verifier.verify(text)).ok).toBe(false);
  });

  it('is what oauth4webapi asks for and takes, with the metadata of the service', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(service.url);
    const discovery = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const server = await oauth.processDiscoveryResponse(issuer, discovery);
    expect(server.introspection_signing_alg_values_supported).toEqual(['RS256']);
    const client = { client_id: gate.id };
    const ask = async (asked: string) => {
      const authentication = oauth.ClientSecretBasic(gate.key);
      const options = { ...insecure, requestJwtResponse: true };
      const response = await oauth.introspectionRequest(
        server,
        client,
        authentication,
        asked,
        options,
      );
      const checked = response.clone();
      const answer = await oauth.processIntrospectionResponse(server, client, response);
      await oauth.validateApplicationLevelSignature(server, response, insecure);
      expect(checked.headers.get('content-type')).toBe(SIGNED);
      return answer;
    };
    expect(await ask(token)).toMatchObject({ active: true, sub: key.principal_id, aud: ORDERS });
    expect(await ask(revoked.key)).toEqual({ active: false });
  });

  it('is told apart from the plain one by caches: Vary (RFC 9110 §12.5.5)', async () => {
    for (const answer of [await signed(token), await introspect(token), await introspect('x')]) {
      expect(answer.headers.get('vary')).toBe('accept');
    }
  });

  it.each(['*/*', 'application/json', `${SIGNED};q=0`, `application/json, ${SIGNED};q=0.5`])(
    'is not for who prefers %s',
    async (accept) => {
      const answer = await introspect(token, accept);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.json.active).toBe(true);
    },
  );

  it('does not depend on token_type_hint, which is only a hint (RFC 7662 §2.1)', async () => {
    for (const token_type_hint of ['access_token', 'refresh_token', 'api_key', 'x']) {
      const answer = await introspect(token, SIGNED, { token_type_hint });
      expect(claimsOf(answer.text)['token_introspection']).toMatchObject({ active: true });
    }
  });
});

describe('a batch', () => {
  const batch = (body: unknown, headers: Record<string, string> = asApiKey(gate.key)) =>
    service.http.json('POST', '/v1/introspect/batch', body, headers);

  it('answers each token exactly as introspection does, in the same order (RFC 7662 §2.2)', async () => {
    const tokens = [
      token,
      'nonsense',
      key.key,
      revoked.key,
      token,
      hidden.key,
      key.key,
      ''.padEnd(9_000, 'x'),
    ];
    const plain = await Promise.all(tokens.map(async (asked) => (await introspect(asked)).json));
    const answer = await batch({ tokens });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ results: plain });
    expect(answer.json.results.map(({ active }: { active: boolean }) => active)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('takes 100 tokens, among them keys that were never used', async () => {
    const { principal_id } = key;
    const issued = await Promise.all(
      Array.from({ length: 20 }, () => service.admin.issueKey(principal_id, { scopes: ['read'] })),
    );
    const tokens = [...issued.map((one) => one.key), ...Array(80).fill(token)];
    const { results } = (await batch({ tokens })).json;
    expect(results).toHaveLength(100);
    expect(results.map((result: { client_id: string }) => result.client_id)).toEqual([
      ...issued.map(({ id }) => id),
      ...Array(80).fill(key.id),
    ]);
  });

  it.each<[string, unknown]>([
    ['tokens', { tokens: Array(101).fill('x') }],
    ['tokens', { tokens: [] }],
    ['tokens', {}],
    ['tokens', { tokens: 'x' }],
    ['tokens.1', { tokens: ['x', 1] }],
    ['tokens.2', { tokens: ['x', 'x', ''] }],
    ['token', { tokens: ['x'], token: 'x' }],
  ])('with wrong %s is 422 and named: %.60j', async (field, body) => {
    const answer = await batch(body);
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
    expect(answer.json.errors[0].field).toBe(field);
  });

  it('is for callers that may introspect', async () => {
    expect((await batch({ tokens: ['x'] }, {})).status).toBe(401);
    expect((await batch({ tokens: ['x'] }, asApiKey(key.key))).status).toBe(403);
    expect((await batch({ tokens: ['x'] }, asBasic(gate.id, gate.key))).status).toBe(200);
  });
});

// Last: it takes the signing keys away.
describe('without a key to sign with', () => {
  it('a signed answer is 503, never an unsigned one; a plain one is as before', async () => {
    await administer(
      service.databaseUrl,
      `UPDATE signing_keys SET status = 'retiring', retired_at = now() WHERE alg = 'RS256'`,
    );
    // The change was not announced: another one makes every key be read again.
    const other = (await service.admin.signingKeys()).find(({ alg }) => alg === 'Ed25519');
    await service.admin.compromiseSigningKey(other?.kid ?? '');
    const answer = await signed(key.key);
    expect([answer.status, answer.json.error]).toEqual([503, 'temporarily_unavailable']);
    expect((await introspect(key.key)).json.active).toBe(true);
  });
});
