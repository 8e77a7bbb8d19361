import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import { AdminClient } from './admin-client.js';
import { newAssertionClient } from './assertion-client.js';
import { DpopClient } from './dpop-client.js';
import { forgedKey } from './forged-key.js';
import { asApiKey, asBasic, asBearer, type HttpClient } from './http-client.js';
import {
  makeProcessEnvironment,
  type ProcessEnvironment,
  PROCESS_SECRET,
} from './process-environment.js';
import { startServiceProcess } from './service-process.js';

const DATABASE_PASSWORD = 'hunter2-hunter2-hunter2';

let environment: ProcessEnvironment;

beforeAll(async () => {
  environment = await makeProcessEnvironment();
});

afterAll(() => environment.remove());

describe('the log', () => {
  it('has no secret in it after a busy run, even when it says all that it can', async () => {
    const url = new URL(environment.databaseUrl);
    url.password = DATABASE_PASSWORD;
    const service = startServiceProcess({
      ...environment.env,
      DATABASE_URL: url.href,
      COUNTERSIGN_LOG_LEVEL: 'trace',
    });
    const { http } = await service.listening;
    const used = await work(http, await environment.adminKey());
    expect(await service.stop()).toBe(0);

    const output = service.output();
    const records = output.split('\n').filter((line) => line.startsWith('{'));
    expect(records.length).toBeGreaterThan(used.length);
    const secrets = [...used, ...(await secretsAtRest()), PROCESS_SECRET, DATABASE_PASSWORD];
    for (const part of secrets.flatMap(tellingParts)) expect(output).not.toContain(part);
  });
});

/** Uses every endpoint rightly and wrongly, and yields each credential that it used. */
async function work(http: HttpClient, adminKey: string): Promise<string[]> {
  const admin = new AdminClient(http, adminKey);
  const issued = await admin.newKey(['read']);
  const rotated = await admin.rotateKey(issued.id, 60);
  const form = { grant_type: 'client_credentials' };
  const token = (await http.form('/token', form, asApiKey(issued.key))).json.access_token as string;
  const forged = forgedKey(issued.key);
  const badToken = `${token.slice(0, -8)}AAAAAAAA`;
  const client = await newAssertionClient(admin, 'https://auth.example.com');
  const [assertion, stale] = [await client.assertion(), await client.assertion({ exp: 1 })];
  const dpop = new DpopClient(http, 'https://auth.example.com');
  const bound = (await dpop.form('/token', form, asApiKey(issued.key))).json.access_token as string;
  const proof = await dpop.prove('GET', '/whoami');
  const [refreshed, refreshToken] = await refreshTokens(http, admin, issued.key);
  const all = [
    adminKey,
    issued.key,
    rotated.key,
    token,
    forged,
    badToken,
    assertion,
    stale,
    bound,
    proof,
    refreshed,
    refreshToken,
  ];
  for (const credential of all) {
    await http.form('/introspect', { token: credential }, asApiKey(adminKey));
    await http.form('/introspect', { token: 'x' }, asBearer(credential));
    await http.form('/introspect', `token=${credential}&token=${credential}`, asApiKey(adminKey));
    await http.form('/introspect', `token=${credential}%00`, asBearer(adminKey));
    const asked = { credential, explain: true, audience: credential };
    await http.json('POST', '/v1/verify', { credential }, asApiKey(adminKey));
    await http.json('POST', '/v1/verify', { credential, explain: true }, asApiKey(adminKey));
    await http.json('POST', '/v1/verify', asked, asBearer(credential));
    await http.json('POST', '/v1/verify', { [credential]: credential }, asApiKey(adminKey));
    await http.json('POST', '/v1/introspect/batch', { tokens: all }, asApiKey(adminKey));
    const subject = { type: 'credential', id: credential };
    await http.json('POST', '/access/v1/evaluation', { subject }, asApiKey(adminKey));
    await http.form(`/introspect?token=${credential}`, {}, asApiKey(adminKey));
    await http.form('/token', form, asBasic(issued.id, credential));
    await http.form('/token', { ...form, client_id: credential, client_secret: credential });
    await http.form('/token', { ...form, scope: credential }, asApiKey(issued.key));
    await http.form('/token', { ...form, audience: credential }, asApiKey(issued.key));
    await http.form('/token', { grant_type: 'refresh_token', refresh_token: credential });
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    for (const path of ['/token', '/introspect', '/revoke']) {
      const fields = { ...form, token: 'x', client_assertion_type, client_assertion: credential };
      await http.form(path, fields, { dpop: credential });
      await http.form(path, fields, { authorization: `DPoP ${credential}`, dpop: credential });
    }
    await http.get('/whoami', { authorization: `DPoP ${credential}`, dpop: credential });
    await http.get('/whoami', asApiKey(credential));
    await http.get('/whoami', { ...asApiKey(credential), ...asBearer(credential) });
    await http.get(`/whoami?access_token=${credential}`);
    await http.get(`/v1/keys/${credential}`, asApiKey(adminKey));
    await http.get(`/v1/keys?cursor=${credential}`, asApiKey(adminKey));
    await http.get(`/${credential}`, { ...asBearer(credential), 'x-request-id': credential });
    await http.json('POST', '/v1/principals', { [credential]: credential }, asApiKey(adminKey));
    const broken = { method: 'POST', headers: { ...asApiKey(adminKey) }, body: `{"${credential}` };
    await http.call('/v1/principals', broken);
    const typed = { ...asApiKey(adminKey), 'content-type': 'application/json' };
    await http.call('/v1/principals', { ...broken, headers: typed });
  }
  await admin.revokeKey(issued.id);
  for (const credential of all) {
    await http.form('/revoke', { token: credential }, asApiKey(adminKey));
  }
  return all;
}

/** One that was used, and the one that came of it. */
async function refreshTokens(
  http: HttpClient,
  admin: AdminClient,
  subjectToken: string,
): Promise<[string, string]> {
  const audience = 'https://api.example.com';
  const refresh_tokens = { idle_ttl_seconds: 60, absolute_ttl_seconds: 60 };
  await admin.createResourceServer(audience, { refresh_tokens });
  const exchanged = await http.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subjectToken,
    subject_token_type: 'urn:countersign:token-type:api-key',
    audience,
  });
  const used = exchanged.json.refresh_token as string;
  const form = { grant_type: 'refresh_token', refresh_token: used };
  return [used, (await http.form('/token', form)).json.refresh_token as string];
}

/** What the database holds that must not be told either. */
async function secretsAtRest(): Promise<string[]> {
  const rows = await administer(
    environment.databaseUrl,
    `SELECT secret_hash AS secret FROM api_key_versions
     UNION ALL SELECT sealed_private_jwk FROM signing_keys
     UNION ALL SELECT encode(secret_hash, 'hex') FROM refresh_tokens`,
  );
  return rows.map((row) => String(row['secret']));
}

/** The secret itself, and what somebody could still make use of: 20 characters of its inside. */
function tellingParts(secret: string): string[] {
  const middle = Math.floor(secret.length / 2);
  const end = secret.slice(-20);
  return [secret, secret.slice(middle - 10, middle + 10), end];
}
