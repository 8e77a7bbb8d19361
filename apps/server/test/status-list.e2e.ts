import { inflateSync } from 'node:zlib';
import { statusClaim } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalVerifier } from '@countersign/verify';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { administer } from '../../../test/administer.js';
import { eventually } from './eventually.js';
import { asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const API = 'https://third-party.example';
const PLAIN = 'https://plain.example';
const [VALID, INVALID, SUSPENDED] = [0, 1, 2];

let service: ServiceUnderTest;
let keys: ReturnType<typeof createRemoteJWKSet>;

beforeAll(async () => {
  service = await startServiceUnderTest();
  const scopes = ['read'];
  await service.admin.createResourceServer(API, { scopes, token_status_list: true });
  await service.admin.createResourceServer(PLAIN, { scopes });
  keys = createRemoteJWKSet(new URL(`${service.url}/.well-known/jwks.json`));
});

afterAll(() => service.stop());

function referenceOf(token: string) {
  return statusClaim.parse(claimsOf(token)['status']).status_list;
}

/** A relying party by the letter. @see draft-ietf-oauth-status-list §8.3 */
async function statusOf(token: string): Promise<number> {
  const { idx, uri } = referenceOf(token);
  const response = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/statuslist+jwt');
  const { payload } = await jwtVerify(await response.text(), keys, {
    typ: 'statuslist+jwt',
    subject: uri,
    issuer: service.url,
    requiredClaims: ['iat', 'exp', 'ttl', 'status_list'],
  });
  const { bits, lst } = payload['status_list'] as { bits: number; lst: string };
  expect(bits).toBe(2);
  const bytes = inflateSync(Buffer.from(lst, 'base64url'));
  const byte = bytes[Math.floor(idx / 4)];
  if (byte === undefined) throw new Error('the index is out of bounds');
  return (byte >> ((idx % 4) * 2)) & 3;
}

/** Within the second for which a list may be the one before. */
function untilStatus(token: string, status: number | undefined): Promise<unknown> {
  return eventually(`the status is ${status}`, async () => (await statusOf(token)) === status);
}

describe('a token for an API that wants a status list', () => {
  it('says where its status is told; one for another API does not', async () => {
    const { key } = await service.admin.newKey(['read']);
    const token = await service.tokenFor(key, { audience: API });
    const { idx, uri } = referenceOf(token);
    expect(uri).toMatch(new RegExp(`^${service.url}/status-lists/tsl_[0-9A-Z]{26}$`));
    expect(idx).toBeLessThan(65_536);
    expect(claimsOf(await service.tokenFor(key, { audience: PLAIN }))['status']).toBeUndefined();
    expect(claimsOf(await service.tokenFor(key))['status']).toBeUndefined();
    expect(await statusOf(token)).toBe(VALID);
  });

  it('stands for the same principal by introspection and by local verification', async () => {
    const { key } = await service.admin.newKey(['read']);
    const token = await service.tokenFor(key, { audience: API });
    const verifier = createLocalVerifier({
      issuer: service.url,
      audience: API,
      allowInsecureHttp: 'loopback',
    });
    const local = await verifier.verify(token);
    const { principal } = await service.introspect(token);
    expect(local).toMatchObject({ ok: true, principal });
  });

  it('has a place that no other token has', async () => {
    const { key } = await service.admin.newKey(['read']);
    const tokens = await Promise.all(
      Array.from({ length: 100 }, () => service.tokenFor(key, { audience: API })),
    );
    const places = tokens.map((token) => JSON.stringify(referenceOf(token)));
    expect(new Set(places).size).toBe(tokens.length);
  });

  it('is valid, suspended while its key is disabled, and invalid once that is revoked', async () => {
    const issued = await service.admin.newKey(['read']);
    const token = await service.tokenFor(issued.key, { audience: API });
    const other = await service.tokenFor((await service.admin.newKey(['read'])).key, {
      audience: API,
    });
    expect(await statusOf(token)).toBe(VALID);
    await service.admin.patchKey(issued.id, { status: 'disabled' });
    await untilStatus(token, SUSPENDED);
    await service.admin.patchKey(issued.id, { status: 'active' });
    await untilStatus(token, VALID);
    await service.admin.revokeKey(issued.id);
    await untilStatus(token, INVALID);
    expect(await statusOf(other)).toBe(VALID);
  });

  it('is suspended while its principal or organization is disabled', async () => {
    const { id } = await service.admin.createOrganization();
    const issued = await service.admin.newKey(['read'], { principal: { organization_id: id } });
    const token = await service.tokenFor(issued.key, { audience: API });
    await service.admin.setOrganizationStatus(id, 'disabled');
    await untilStatus(token, SUSPENDED);
    await service.admin.setOrganizationStatus(id, 'active');
    await untilStatus(token, VALID);
    await service.admin.patchPrincipal(issued.principal_id, { status: 'disabled' });
    await untilStatus(token, SUSPENDED);
  });

  it('is invalid once it is revoked itself, its key rotated, or deleted', async () => {
    const [one, two, three] = await Promise.all(
      Array.from({ length: 3 }, () => service.admin.newKey(['read'])),
    );
    if (!one || !two || !three) throw new Error('three keys');
    const tokenFor = ({ key }: { key: string }) => service.tokenFor(key, { audience: API });
    const tokens = [await tokenFor(one), await tokenFor(two), await tokenFor(three)];
    const untouched = await tokenFor(one);
    await service.http.form('/revoke', { token: tokens[0] ?? '' }, asApiKey(one.key));
    await service.admin.rotateKey(two.id, 0);
    await service.admin.deleteKey(three.id);
    for (const token of tokens) await untilStatus(token, INVALID);
    expect(await statusOf(untouched)).toBe(VALID);
  });

  it('is invalid once a token that it came of is revoked', async () => {
    const issued = await service.admin.newKey(['read']);
    const parent = await service.tokenFor(issued.key, { audience: API });
    const exchanged = await service.http.form('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: parent,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    const token = exchanged.json.access_token as string;
    expect(await statusOf(token)).toBe(VALID);
    await service.http.form('/revoke', { token: parent }, asApiKey(issued.key));
    await untilStatus(token, INVALID);
  });

  it('no longer gets a place when the API has opted out', async () => {
    const audience = 'https://opting-out.example';
    const server = await service.admin.createResourceServer(audience, {
      scopes: ['read'],
      token_status_list: true,
    });
    const { key } = await service.admin.newKey(['read']);
    expect(claimsOf(await service.tokenFor(key, { audience }))['status']).toBeDefined();
    const patched = await service.http.json(
      'PATCH',
      `/v1/resource-servers/${server.id}`,
      { token_status_list: null },
      { ...asApiKey(service.adminKey), 'content-type': 'application/merge-patch+json' },
    );
    expect(patched.json.token_status_list).toBe(false);
    expect(claimsOf(await service.tokenFor(key, { audience }))['status']).toBeUndefined();
  });
});

describe('GET /status-lists/{id}', () => {
  async function someList(): Promise<string> {
    const { key } = await service.admin.newKey(['read']);
    const { uri } = referenceOf(await service.tokenFor(key, { audience: API }));
    return uri.slice(service.url.length);
  }

  it('is public, for pages of anybody, and may be cached for as long as it says', async () => {
    const path = await someList();
    const answer = await service.http.get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { ttl, exp, iat } = claimsOf(answer.text) as { ttl: number; exp: number; iat: number };
    expect(answer.headers.get('cache-control')).toBe(`public, max-age=${ttl}`);
    expect(exp - iat).toBeGreaterThan(ttl);
    expect(answer.headers.get('vary')).toBe('accept, accept-encoding');
  });

  it('answers 304 to who has it already', async () => {
    const path = await someList();
    const headers = { 'accept-encoding': 'identity' };
    const answer = await service.http.get(path, headers);
    const etag = answer.headers.get('etag') ?? '';
    const again = await service.http.get(path, { ...headers, 'if-none-match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('compresses for who takes that, and not for others', async () => {
    const path = await someList();
    const zipped = await service.http.get(path, { 'accept-encoding': 'gzip' });
    const plain = await service.http.get(path, { 'accept-encoding': 'identity' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(claimsOf(zipped.text)['sub']).toBe(claimsOf(plain.text)['sub']);
    expect(zipped.headers.get('etag')).not.toBe(plain.headers.get('etag'));
  });

  it('is not to be had in another form, and says so', async () => {
    const path = await someList();
    const answer = await service.http.get(path, { accept: 'application/statuslist+cwt' });
    expect([answer.status, answer.json.code]).toEqual([406, 'not_acceptable']);
    expect((await service.http.get(path, { accept: 'application/*' })).status).toBe(200);
  });

  it('says 404 of a list that there is not', async () => {
    for (const id of ['tsl_01JD0000000000000000000000', 'x', 'key_01JD0000000000000000000000']) {
      const answer = await service.http.get(`/status-lists/${id}`);
      expect([id, answer.status, answer.json.code]).toEqual([id, 404, 'not_found']);
    }
  });

  it('says nothing of what has expired, and gives no place out again', async () => {
    const issued = await service.admin.newKey(['read']);
    const token = await service.tokenFor(issued.key, { audience: API });
    await service.admin.revokeKey(issued.id);
    await untilStatus(token, INVALID);
    const { idx } = referenceOf(token);
    await administer(
      service.databaseUrl,
      `UPDATE token_statuses SET expires_at = now() - interval '1 hour' WHERE idx = ${idx}`,
    );
    await service.admin.newKey();
    await untilStatus(token, VALID);
    const { key } = await service.admin.newKey(['read']);
    const later = await Promise.all(
      Array.from({ length: 40 }, () => service.tokenFor(key, { audience: API })),
    );
    expect(later.map((one) => referenceOf(one).idx)).not.toContain(idx);
  });
});
