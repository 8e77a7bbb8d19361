import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { NewKey } from './admin-client.js';
import { CONFIRMED } from './confirmed.js';
import { type Answer, asApiKey, asBasic, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const API = 'https://api.example.com';
const ALSO = 'https://also.example.com';
const WITHOUT = 'https://without.example.com';
const LISTED = 'https://listed.example.com';
const SCOPES = ['read', 'write'];
const CONNECTIONS = 3;
const TTL = { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 };
const KEY = 'urn:countersign:token-type:api-key';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

let service: ServiceUnderTest;
let database: pg.Client;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: { COUNTERSIGN_DATABASE_POOL_SIZE: String(CONNECTIONS) },
  });
  await service.admin.createResourceServer(API, { scopes: SCOPES, refresh_tokens: TTL });
  const listed = { scopes: SCOPES, refresh_tokens: TTL, token_status_list: true };
  await service.admin.createResourceServer(LISTED, listed);
  await service.admin.createResourceServer(ALSO, { scopes: SCOPES, refresh_tokens: TTL });
  await service.admin.createResourceServer(WITHOUT, { scopes: SCOPES });
  database = new pg.Client(service.databaseUrl);
  await database.connect();
});

afterAll(async () => {
  await database.end();
  await service.stop();
});

function exchange(
  key: string,
  fields: FormFields = { audience: API },
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: key,
    subject_token_type: KEY,
    ...fields,
  };
  return service.http.form('/token', form, headers);
}

function refresh(
  refreshToken: string,
  fields: FormFields = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...fields };
  return service.http.form('/token', form, headers);
}

async function newRefreshToken(key: NewKey): Promise<string> {
  const { json } = await exchange(key.key);
  return json.refresh_token as string;
}

function expectRefused(answer: Answer, error = 'invalid_grant'): void {
  expect([answer.status, answer.json.error]).toEqual([400, error]);
}

const isActive = async (token: string) => (await service.introspect(token)).active as boolean;

describe('a refresh token', () => {
  it('comes with a token exchange where the whole audience allows it, and nowhere else', async () => {
    const key = await service.admin.newKey(SCOPES);
    expect((await exchange(key.key)).json.refresh_token).toMatch(/^cs_refresh_/);
    expect((await exchange(key.key, { audience: [API, ALSO] })).json.refresh_token).toBeDefined();
    for (const audience of [WITHOUT, [API, WITHOUT], [API, service.url]]) {
      const { status, json } = await exchange(key.key, { audience });
      expect([status, json.refresh_token]).toEqual([200, undefined]);
    }
  });

  it('RFC 6749 §4.4.3: does not come with client credentials', async () => {
    const key = await service.admin.newKey(SCOPES);
    const form = { grant_type: 'client_credentials', audience: API };
    const { status, json } = await service.http.form('/token', form, asApiKey(key.key));
    expect([status, json.refresh_token]).toEqual([200, undefined]);
  });

  it('does not come of a JWT, which it would outlive', async () => {
    const key = await service.admin.newKey(SCOPES);
    const token = await service.tokenFor(key.key);
    const answer = await exchange(token, { audience: API, subject_token_type: ACCESS_TOKEN });
    expect([answer.status, answer.json.refresh_token]).toEqual([200, undefined]);
  });

  it('RFC 6749 §6: yields an access token of the same scopes and audience, and its successor', async () => {
    const key = await service.admin.newKey(SCOPES);
    const first = await exchange(key.key, { audience: API, scope: 'read' });
    const answer = await refresh(first.json.refresh_token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.json).toMatchObject({ token_type: 'Bearer', scope: 'read', expires_in: 300 });
    expect(answer.json.refresh_token).not.toBe(first.json.refresh_token);
    expect(claimsOf(answer.json.access_token)).toMatchObject({
      sub: key.principal_id,
      aud: API,
      scope: 'read',
    });
    expect(await isActive(answer.json.access_token)).toBe(true);
    expect((await refresh(answer.json.refresh_token)).status).toBe(200);
  });

  it('RFC 6749 §6: narrows, and never widens, what was granted', async () => {
    const key = await service.admin.newKey(SCOPES);
    const narrow = await exchange(key.key, { audience: API, scope: 'read' });
    const refused = await refresh(narrow.json.refresh_token, { scope: 'read write' });
    expectRefused(refused, 'invalid_scope');
    // What was refused has changed nothing.
    const wide = await exchange(key.key);
    const narrowed = await refresh(wide.json.refresh_token, { scope: 'write' });
    expect(narrowed.json.scope).toBe('write');
    expect((await refresh(narrowed.json.refresh_token)).json.scope).toBe('read write');
  });

  it('RFC 8707 §2.2: takes a part of its audience, and no other', async () => {
    const key = await service.admin.newKey(SCOPES);
    const both = await exchange(key.key, { audience: [API, ALSO] });
    const part = await refresh(both.json.refresh_token, { resource: ALSO });
    expect(claimsOf(part.json.access_token)).toMatchObject({ aud: ALSO });
    expectRefused(await refresh(part.json.refresh_token, { audience: WITHOUT }), 'invalid_target');
  });

  it('RFC 9700 §4.14.2: used twice ends its family, and the access token that came of it', async () => {
    const key = await service.admin.newKey(SCOPES);
    const stolen = await newRefreshToken(key);
    const { json } = await refresh(stolen);
    expect(await isActive(json.access_token)).toBe(true);
    expectRefused(await refresh(stolen));
    expect(await isActive(json.access_token)).toBe(false);
    expectRefused(await refresh(json.refresh_token));
    const events = await service.http.get(
      `/v1/audit-events?action=refresh_token.reused`,
      asApiKey(service.adminKey),
    );
    expect(events.json.data[0].resource.id).toBe(stolen.slice('cs_refresh_'.length).slice(0, 16));
    expect(JSON.stringify(events.json)).not.toContain(stolen.slice(-30));
  });

  it('used by many at once is good for one of them at most, and good for nobody after that', async () => {
    const token = await newRefreshToken(await service.admin.newKey(SCOPES));
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(token)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    expect(await isActive(good[0]?.json.access_token)).toBe(false);
    expectRefused(await refresh(good[0]?.json.refresh_token));
  });

  it('needs no more connections than there are, where its access tokens have places in a list', async () => {
    const newListed = async () => {
      const { key } = await service.admin.newKey(SCOPES);
      return (await exchange(key, { audience: LISTED })).json.refresh_token as string;
    };
    const tokens = await Promise.all(Array.from({ length: 2 * CONNECTIONS }, newListed));
    const answers = await Promise.all(tokens.map((token) => refresh(token)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
  });

  it('is bound to the client that authenticated for the exchange', async () => {
    const key = await service.admin.newKey(SCOPES);
    const other = await service.admin.newKey(SCOPES);
    const own = asBasic(key.id, key.key);
    const { refresh_token: token } = (await exchange(key.key, { audience: API }, own)).json;
    expectRefused(await refresh(token));
    expectRefused(await refresh(token, {}, asBasic(other.id, other.key)));
    expect((await refresh(token, {}, own)).status).toBe(200);
  });

  it.each([
    ['revoked', (key: NewKey) => service.admin.revokeKey(key.id)],
    ['deleted', (key: NewKey) => service.admin.deleteKey(key.id)],
    ['rotated without grace', (key: NewKey) => service.admin.rotateKey(key.id, 0)],
    ['disabled', (key: NewKey) => service.admin.patchKey(key.id, { status: 'disabled' })],
    [
      "its principal's",
      (key: NewKey) => service.admin.patchPrincipal(key.principal_id, { status: 'disabled' }),
    ],
  ])('dies with the key that it came of: %s', async (_how, end) => {
    const key = await service.admin.newKey(SCOPES);
    const token = await newRefreshToken(key);
    await end(key);
    expectRefused(await refresh(token));
  });

  it('loses what is no longer granted to its principal', async () => {
    const key = await service.admin.newKey(SCOPES);
    const token = await newRefreshToken(key);
    await service.admin.patchPrincipal(key.principal_id, { scopes: ['read'] });
    expect((await refresh(token)).json.scope).toBe('read');
  });

  it.each(['idle_expires_at', 'absolute_expires_at'])('is over after %s', async (column) => {
    const token = await newRefreshToken(await service.admin.newKey(SCOPES));
    const family = token.slice('cs_refresh_'.length).slice(0, 16);
    await database.query(
      `UPDATE refresh_tokens SET ${column} = now() - interval '1 second' WHERE family_id = $1`,
      [family],
    );
    expectRefused(await refresh(token));
  });

  it('lives from use to use, and to its end that no use puts off', async () => {
    const token = await newRefreshToken(await service.admin.newKey(SCOPES));
    const family = token.slice('cs_refresh_'.length).slice(0, 16);
    const lifetimes = async () => {
      const { rows } = await database.query<Record<'idle' | 'absolute' | 'end', number>>(
        `SELECT extract(epoch FROM idle_expires_at - coalesce(last_used_at, created_at))::float AS idle,
                extract(epoch FROM absolute_expires_at - created_at)::float AS absolute,
                extract(epoch FROM absolute_expires_at)::float AS end
         FROM refresh_tokens WHERE family_id = $1`,
        [family],
      );
      return rows[0];
    };
    const first = await lifetimes();
    expect(first).toMatchObject({ idle: TTL.idle_ttl_seconds, absolute: TTL.absolute_ttl_seconds });
    await database.query(
      `UPDATE refresh_tokens SET idle_expires_at = now() + interval '5 seconds' WHERE family_id = $1`,
      [family],
    );
    expect((await refresh(token)).status).toBe(200);
    expect(await lifetimes()).toEqual(first);
  });

  it('never lives longer by being used', async () => {
    const token = await newRefreshToken(await service.admin.newKey(SCOPES));
    const family = token.slice('cs_refresh_'.length).slice(0, 16);
    await database.query(
      `UPDATE refresh_tokens SET absolute_expires_at = now() + interval '60 seconds' WHERE family_id = $1`,
      [family],
    );
    expect((await refresh(token)).status).toBe(200);
    const { rows } = await database.query<{ late: boolean }>(
      'SELECT idle_expires_at > absolute_expires_at AS late FROM refresh_tokens WHERE family_id = $1',
      [family],
    );
    expect(rows).toEqual([{ late: false }]);
  });

  it('is over once its resource server allows none any more', async () => {
    const audience = 'https://changing.example.com';
    const { id } = await service.admin.createResourceServer(audience, {
      scopes: SCOPES,
      refresh_tokens: TTL,
    });
    const key = await service.admin.newKey(SCOPES);
    const { refresh_token: token } = (await exchange(key.key, { audience })).json;
    const patch = { refresh_tokens: null };
    const headers = asApiKey(service.adminKey);
    const patched = await service.http.json('PATCH', `/v1/resource-servers/${id}`, patch, headers);
    expect(patched.json.refresh_tokens).toBeNull();
    expectRefused(await refresh(token));
  });

  it('RFC 7009 §2.1: is revoked together with the access token that came of it', async () => {
    const key = await service.admin.newKey(SCOPES);
    const { json } = await exchange(key.key);
    const answer = await service.http.form(
      '/revoke',
      { token: json.refresh_token },
      asApiKey(key.key),
    );
    expect([answer.status, answer.json]).toEqual([200, { propagation: CONFIRMED }]);
    expect(await isActive(json.access_token)).toBe(false);
    expectRefused(await refresh(json.refresh_token));
  });

  it.each(['access_token', 'unknown'])(
    'RFC 7009 §2.1: is revoked though the hint is %s',
    async (token_type_hint) => {
      const key = await service.admin.newKey(SCOPES);
      const token = await newRefreshToken(key);
      const fields = { token, token_type_hint };
      const answer = await service.http.form('/revoke', fields, asApiKey(key.key));
      expect([answer.status, answer.json]).toEqual([200, { propagation: CONFIRMED }]);
      expectRefused(await refresh(token));
    },
  );

  it('RFC 7009 §2.1: is not revoked by another client', async () => {
    const key = await service.admin.newKey(SCOPES);
    const other = await service.admin.newKey(SCOPES);
    const token = await newRefreshToken(key);
    const answer = await service.http.form('/revoke', { token }, asApiKey(other.key));
    expectRefused(answer, 'unauthorized_client');
    expect((await refresh(token)).status).toBe(200);
  });

  it('RFC 6749 §10.4: is nowhere in the database, used, reused, revoked or good, nor is its secret', async () => {
    const key = await service.admin.newKey(SCOPES);
    const used = await newRefreshToken(key);
    const { refresh_token: good } = (await refresh(used)).json;
    const revoked = await newRefreshToken(key);
    await service.http.form('/revoke', { token: revoked }, asApiKey(key.key));
    const reused = await newRefreshToken(key);
    await refresh(reused);
    await refresh(reused);
    const contents = await everything();
    for (const token of [used, good, revoked, reused] as string[]) {
      const [family, secret] = [token.slice(11, 27), token.slice(27, 70)];
      // What is looked for would be found: the family is there, and the secret as a hash.
      expect(contents).toContain(family);
      if (token !== used && token !== reused) expect(contents).toContain(sha256(secret));
      for (const encoded of [secret, ...['base64', 'base64url', 'hex'].map(encodedBy(secret))]) {
        for (const part of [encoded.slice(0, 16), encoded.slice(-16)]) {
          expect(contents).not.toContain(part);
        }
      }
    }
  });

  it('is no credential: inactive at introspection, refused at every other endpoint', async () => {
    const token = await newRefreshToken(await service.admin.newKey(SCOPES));
    expect(await service.introspect(token)).toEqual({ active: false });
    expect((await service.http.get('/whoami', asApiKey(token))).status).toBe(401);
    const subject = await exchange(token, { audience: API });
    expectRefused(subject, 'invalid_request');
    expect((await refresh(token)).status).toBe(200);
  });

  it.each([
    ['missing', undefined, 'invalid_request'],
    ['an API key', 'key', 'invalid_grant'],
    ['forged', `cs_refresh_${'a'.repeat(69)}`, 'invalid_grant'],
    ['cut', 'cs_refresh_', 'invalid_grant'],
  ])('that is %s is refused', async (_what, token, error) => {
    const presented = token === 'key' ? (await service.admin.newKey()).key : token;
    const form = {
      grant_type: 'refresh_token',
      ...(presented !== undefined && { refresh_token: presented }),
    };
    expectRefused(await service.http.form('/token', form, {}), error);
  });
});

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await database.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  const rows = tables.rows.map(({ name }) => `SELECT to_jsonb(t)::text AS row FROM "${name}" AS t`);
  const all = await database.query<{ row: string }>(rows.join(' UNION ALL '));
  return all.rows.map(({ row }) => row).join('\n');
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const encodedBy = (text: string) => (encoding: string) =>
  Buffer.from(text).toString(encoding as BufferEncoding);

describe('the lifetimes of refresh tokens', () => {
  it.each([
    [{ idle_ttl_seconds: 10, absolute_ttl_seconds: 9 }],
    [{ idle_ttl_seconds: 0, absolute_ttl_seconds: 9 }],
    [{ idle_ttl_seconds: 10 }],
    [{ idle_ttl_seconds: 10, absolute_ttl_seconds: 31_536_001 }],
    [true],
  ])('are not %j', async (refresh_tokens) => {
    const body = { audience: 'https://wrong.example.com', name: 'x', scopes: [], refresh_tokens };
    const headers = asApiKey(service.adminKey);
    const answer = await service.http.json('POST', '/v1/resource-servers', body, headers);
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
    expect(answer.text).toContain('refresh_tokens');
  });
});
