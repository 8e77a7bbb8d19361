import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import { AdminClient, type NewKey } from './admin-client.js';
import { newAssertionClient } from './assertion-client.js';
import { DpopClient } from './dpop-client.js';
import { eventually } from './eventually.js';
import { asApiKey, type HttpClient } from './http-client.js';
import { makeProcessEnvironment, type ProcessEnvironment } from './process-environment.js';
import { type ServiceProcess, startServiceProcess } from './service-process.js';

let environment: ProcessEnvironment;
let started: ServiceProcess[];
let replicas: HttpClient[];
let adminKey: string;

beforeAll(async () => {
  environment = await makeProcessEnvironment();
  started = [1, 2, 3].map(() => startServiceProcess(environment.env));
  replicas = (await Promise.all(started.map((each) => each.listening))).map(({ http }) => http);
  adminKey = await environment.adminKey();
});

afterAll(() => environment.remove());

const query = (sql: string) => administer(environment.databaseUrl, sql);

async function introspect(http: HttpClient, token: string) {
  return (await http.form('/introspect', { token }, asApiKey(adminKey))).json;
}

async function tokenAt(http: HttpClient, key: string): Promise<string> {
  const form = { grant_type: 'client_credentials' };
  return (await http.form('/token', form, asApiKey(key))).json.access_token as string;
}

/** How long it takes, from now on, until every replica takes all of them for inactive. */
async function msUntilGone(credentials: readonly string[]): Promise<number> {
  const revokedAt = performance.now();
  await Promise.all(
    replicas.flatMap((http) =>
      credentials.map((credential) =>
        eventually('it is gone', async () => (await introspect(http, credential)).active === false),
      ),
    ),
  );
  return performance.now() - revokedAt;
}

// One after the other, since a process takes long to start.
describe('processes that start together on one empty database', () => {
  let issued: NewKey;
  let usedAssertion: Record<string, string>;

  it('make one administrator, with one key, that all of them know', async () => {
    expect(await query('SELECT count(*)::int AS n FROM principals')).toEqual([{ n: 1 }]);
    expect(await query('SELECT count(*)::int AS n FROM api_key_versions')).toEqual([{ n: 1 }]);
    const file = join(environment.env['COUNTERSIGN_DATA_DIR'] ?? '', 'admin.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const http of replicas) {
      expect(await introspect(http, adminKey)).toMatchObject({ active: true });
    }
  });

  it('make one active signing key for each algorithm, and publish the same', async () => {
    const active = `SELECT alg, count(*)::int AS n FROM signing_keys WHERE status = 'active'
      GROUP BY alg ORDER BY alg COLLATE "C"`;
    expect(await query(active)).toEqual([
      { alg: 'ES256', n: 1 },
      { alg: 'Ed25519', n: 1 },
      { alg: 'RS256', n: 1 },
    ]);
    const published = await Promise.all(
      replicas.map(async (http) => (await http.get('/.well-known/jwks.json')).text),
    );
    expect(new Set(published).size).toBe(1);
  });

  it('honour each other’s keys and tokens, and within a second each other’s revocations', async () => {
    const [one, two, three] = replicas as [HttpClient, HttpClient, HttpClient];
    const key = await new AdminClient(one, adminKey).newKey(['read']);
    const credentials = [key.key, await tokenAt(two, key.key), await tokenAt(three, key.key)];
    for (const http of replicas) {
      for (const credential of credentials) {
        expect(await introspect(http, credential)).toMatchObject({ active: true });
      }
    }
    const [, first = '', second = ''] = credentials;
    await three.form('/revoke', { token: first }, asApiKey(key.key));
    expect(await msUntilGone([first])).toBeLessThan(1_000);
    await new AdminClient(two, adminKey).revokeKey(key.id);
    expect(await msUntilGone([key.key, second])).toBeLessThan(1_000);
  });

  it('take no client assertion that another has taken', async () => {
    const [one, two, three] = replicas as [HttpClient, HttpClient, HttpClient];
    const issuer = environment.env['COUNTERSIGN_ISSUER'] ?? '';
    const client = await newAssertionClient(new AdminClient(one, adminKey), issuer);
    const exp = Math.floor(Date.now() / 1000) + 280;
    usedAssertion = { grant_type: 'client_credentials', ...(await client.form({ exp })) };
    expect((await two.form('/token', usedAssertion)).status).toBe(200);
    expect((await three.form('/token', usedAssertion)).json.error).toBe('invalid_client');
    const atOnce = { grant_type: 'client_credentials', ...(await client.form()) };
    const answers = await Promise.all(replicas.map((http) => http.form('/token', atOnce)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it('take each other’s DPoP nonces, and the tokens that they have bound', async () => {
    const [one, two, three] = replicas as [HttpClient, HttpClient, HttpClient];
    const key = await new AdminClient(one, adminKey).newKey();
    const client = new DpopClient(one, environment.env['COUNTERSIGN_ISSUER']);
    const form = { grant_type: 'client_credentials' };
    const token = (await client.form('/token', form, asApiKey(key.key))).json.access_token;
    for (const http of [two, three]) {
      const headers = await client.headers('GET', '/whoami', token);
      expect((await http.get('/whoami', headers)).status).toBe(200);
      expect((await http.get('/whoami', headers)).status).toBe(401);
    }
  });

  it('all stop when they are told to', async () => {
    const [one] = replicas as [HttpClient];
    issued = await new AdminClient(one, adminKey).newKey(['read']);
    expect(await Promise.all(started.map((each) => each.stop()))).toEqual([0, 0, 0]);
  });

  it('leave everything for the next one, which makes no second administrator', async () => {
    const principals = await query('SELECT count(*)::int AS n FROM principals');
    const next = startServiceProcess(environment.env);
    const { http } = await next.listening;
    expect(await environment.adminKey()).toBe(adminKey);
    const remembered = { active: true, scope: 'read', client_id: issued.id };
    expect(await introspect(http, issued.key)).toMatchObject(remembered);
    expect(await introspect(http, await tokenAt(http, issued.key))).toMatchObject(remembered);
    expect((await http.form('/token', usedAssertion)).json.error).toBe('invalid_client');
    expect(await query('SELECT count(*)::int AS n FROM principals')).toEqual(principals);
    expect(await next.stop()).toBe(0);
  });

  it('are followed by none with another secret: it ends, and names the variable', async () => {
    const other = 'another server secret that is also long enough';
    const service = startServiceProcess({ ...environment.env, COUNTERSIGN_SECRET: other });
    const stillRuns = delay(30_000, 'still runs', { ref: false });
    expect(await Promise.race([service.exited, stillRuns])).toBe(1);
    expect(service.output()).toContain('COUNTERSIGN_SECRET');
    expect(service.output()).not.toContain(other);
  });
});
