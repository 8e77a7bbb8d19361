import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const ORDERS = 'https://orders.example.com';
const BILLING = 'https://billing.example.com';
const INACTIVE = '{"active":false}';

let service: ServiceUnderTest;
let actsForOrders: NewKey;
let actsForNobody: NewKey;
let seesAll: NewKey;
const credentials: Record<string, string> = {};

beforeAll(async () => {
  service = await startServiceUnderTest();
  const { admin } = service;
  actsForOrders = await admin.newKey(['countersign:introspect']);
  actsForNobody = await admin.newKey(['countersign:introspect']);
  seesAll = await admin.newKey(['countersign:introspect:any']);
  const principalIds = [actsForOrders.principal_id];
  await admin.createResourceServer(ORDERS, { scopes: ['read'], principal_ids: principalIds });
  await admin.createResourceServer(BILLING, { scopes: ['read'] });
  const free = await admin.newKey(['read']);
  const forOrders = await admin.newKey(['read'], { key: { audiences: [ORDERS] } });
  const forBilling = await admin.newKey(['read'], { key: { audiences: [BILLING] } });
  const forBoth = await admin.newKey(['read'], { key: { audiences: [BILLING, ORDERS] } });
  credentials['a key for anywhere'] = free.key;
  credentials['a token for the issuer'] = await service.tokenFor(free.key);
  credentials['a key for orders'] = forOrders.key;
  credentials['a token for orders'] = await service.tokenFor(free.key, { audience: ORDERS });
  credentials['a key for billing'] = forBilling.key;
  credentials['a token for billing'] = await service.tokenFor(forBilling.key);
  credentials['a key for both'] = forBoth.key;
  credentials['a token for both'] = await service.tokenFor(forBoth.key);
});

afterAll(() => service.stop());

async function see(caller: NewKey, what: string): Promise<string> {
  const token = credentials[what] ?? '';
  return (await service.http.form('/introspect', { token }, asApiKey(caller.key))).text;
}

describe('introspection', () => {
  const FREE = ['a key for anywhere', 'a token for the issuer'];
  const OF_ORDERS = [
    'a key for orders',
    'a token for orders',
    'a key for both',
    'a token for both',
  ];
  const OF_BILLING = ['a key for billing', 'a token for billing'];

  it.each([...FREE, ...OF_ORDERS])('RFC 7662 §4: shows who acts for orders %s', async (what) => {
    expect(JSON.parse(await see(actsForOrders, what))).toMatchObject({ active: true });
  });

  it.each(OF_BILLING)(
    'RFC 7662 §2.2: hides %s from who acts for orders, as if there were none',
    async (what) => {
      expect(await see(actsForOrders, what)).toBe(INACTIVE);
    },
  );

  it.each(FREE)('shows anybody who may introspect %s', async (what) => {
    expect(JSON.parse(await see(actsForNobody, what))).toMatchObject({ active: true });
  });

  it.each([...OF_ORDERS, ...OF_BILLING])(
    'RFC 7662 §2.2: hides %s from who acts for nobody',
    async (what) => {
      expect(await see(actsForNobody, what)).toBe(INACTIVE);
    },
  );

  it.each([...FREE, ...OF_ORDERS, ...OF_BILLING])('shows who may see all %s', async (what) => {
    expect(JSON.parse(await see(seesAll, what))).toMatchObject({ active: true });
  });

  it('is open to a JWT of a caller as to its key', async () => {
    const token = await service.tokenFor(actsForOrders.key);
    const ask = async (what: string) =>
      (await service.http.form('/introspect', { token: credentials[what] ?? '' }, asBearer(token)))
        .json;
    expect(await ask('a key for orders')).toMatchObject({ active: true });
    expect(await ask('a key for billing')).toEqual({ active: false });
  });

  it('follows when a principal begins and ceases to act for a resource server', async () => {
    const audience = 'https://late.example.com';
    const { id } = await service.admin.createResourceServer(audience);
    const { key } = await service.admin.newKey([], { key: { audiences: [audience] } });
    credentials['late'] = key;
    expect(await see(actsForNobody, 'late')).toBe(INACTIVE);
    await actFor(id, [actsForNobody.principal_id]);
    expect(JSON.parse(await see(actsForNobody, 'late'))).toMatchObject({ active: true });
    await actFor(id, []);
    expect(await see(actsForNobody, 'late')).toBe(INACTIVE);
  });

  it('RFC 7662 §2.1, §2.3, RFC 6750 §3.1: is for callers with its scope only', async () => {
    const { id, key } = await service.admin.newKey(['read']);
    for (const headers of [asApiKey(key), asBearer(key), asBasic(id, key)]) {
      const answer = await service.http.form('/introspect', { token: key }, headers);
      expect([answer.status, answer.json.error]).toEqual([403, 'insufficient_scope']);
      expect(answer.headers.get('www-authenticate')).toContain('scope="countersign:introspect"');
    }
  });
});

async function actFor(resourceServerId: string, principalIds: string[]): Promise<void> {
  const path = `/v1/resource-servers/${resourceServerId}`;
  const body = { principal_ids: principalIds };
  const answer = await service.http.json('PATCH', path, body, asApiKey(service.adminKey));
  expect(answer.status).toBe(200);
}
