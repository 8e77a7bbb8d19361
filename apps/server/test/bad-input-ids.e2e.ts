import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NewKey } from './admin-client.js';
import { asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

/** Everything that an administrator of one organization may hold. */
const MANAGER_SCOPES = [
  ...['countersign:organizations:read', 'countersign:organizations:write'],
  ...['countersign:principals:read', 'countersign:principals:write'],
  ...['countersign:keys:read', 'countersign:keys:write'],
  'countersign:audit-events:read',
];

const ULID = '01JD0000000000000000000000';

let service: ServiceUnderTest;
let manager: NewKey;
let own: { organization: string; principal: string; key: string };
let theirs: { organization: string; principal: string; key: string };

beforeAll(async () => {
  service = await startServiceUnderTest();
  own = await populate('Ours');
  theirs = await populate('Theirs');
  const more = { principal: { organization_id: own.organization } };
  manager = await service.admin.newKey(MANAGER_SCOPES, more);
});

afterAll(() => service.stop());

async function populate(name: string) {
  const { id: organization } = await service.admin.createOrganization(name);
  const issued = await service.admin.newKey([], { principal: { organization_id: organization } });
  return { organization, principal: issued.principal_id, key: issued.id };
}

type Route = readonly [method: string, path: (id: string) => string, body?: object];

const ROUTES: Readonly<Record<string, readonly Route[]>> = {
  organization: [
    ['GET', (id) => `/v1/organizations/${id}`],
    ['PATCH', (id) => `/v1/organizations/${id}`, { name: 'x' }],
    ['DELETE', (id) => `/v1/organizations/${id}`],
  ],
  principal: [
    ['GET', (id) => `/v1/principals/${id}`],
    ['PATCH', (id) => `/v1/principals/${id}`, { name: 'x' }],
    ['DELETE', (id) => `/v1/principals/${id}`],
    ['GET', (id) => `/v1/principals/${id}/keys`],
    ['POST', (id) => `/v1/principals/${id}/keys`, { name: 'x', scopes: [], environment: 'live' }],
  ],
  key: [
    ['GET', (id) => `/v1/keys/${id}`],
    ['PATCH', (id) => `/v1/keys/${id}`, { name: 'x' }],
    ['DELETE', (id) => `/v1/keys/${id}`],
    ['POST', (id) => `/v1/keys/${id}/rotate`, {}],
    ['POST', (id) => `/v1/keys/${id}/revoke`, {}],
  ],
  role: [
    ['GET', (id) => `/v1/roles/${id}`],
    ['PATCH', (id) => `/v1/roles/${id}`, { scopes: [] }],
    ['DELETE', (id) => `/v1/roles/${id}`],
  ],
  resource_server: [
    ['GET', (id) => `/v1/resource-servers/${id}`],
    ['PATCH', (id) => `/v1/resource-servers/${id}`, { name: 'x' }],
    ['DELETE', (id) => `/v1/resource-servers/${id}`],
  ],
  signing_key: [
    ['GET', (id) => `/v1/signing-keys/${id}`],
    ['POST', (id) => `/v1/signing-keys/${id}/activate`, {}],
    ['POST', (id) => `/v1/signing-keys/${id}/retire`, {}],
    ['POST', (id) => `/v1/signing-keys/${id}/remove`, {}],
    ['POST', (id) => `/v1/signing-keys/${id}/compromise`, {}],
  ],
  audit_event: [['GET', (id) => `/v1/audit-events/${id}`]],
};

const BAD_IDS = [
  'x',
  '0',
  '-1',
  'null',
  'undefined',
  '[object Object]',
  ULID,
  'prn_',
  `prn_${ULID}0`,
  `PRN_${ULID}`,
  `prn_${ULID.toLowerCase()}`,
  `xyz_${ULID}`,
  "' OR '1'='1",
  `prn_${ULID}' OR '1'='1`,
  `prn_${ULID}'; DROP TABLE principals; --`,
  '%',
  '_',
  '*',
  '../principals',
  '/etc/passwd',
  '\\',
  '\0',
  `prn_${ULID}\0`,
  `prn_${ULID}\n`,
  `prn_${ULID} `,
  '🔑',
  'x'.repeat(300),
];

async function call([method, path, body]: Route, id: string, key: string) {
  const url = path(id);
  return body === undefined
    ? service.http.call(url, { method, headers: asApiKey(key) })
    : service.http.json(method, url, body, asApiKey(key));
}

describe.each(Object.keys(ROUTES))('an id of a %s', (kind) => {
  it('that is malformed is the id of nothing, whatever characters it has', async () => {
    for (const route of ROUTES[kind] ?? []) {
      for (const id of BAD_IDS) {
        const { status } = await call(route, encodeURIComponent(id), service.adminKey);
        expect([route[0], route[1](id), [404, 422].includes(status) || status]).toEqual([
          route[0],
          route[1](id),
          true,
        ]);
      }
    }
  });

  it.each(['%E0%A4%A', '%', '%zz', '%FF'])('that cannot be decoded is refused: %s', async (id) => {
    for (const route of ROUTES[kind] ?? []) {
      const { status } = await call(route, id, service.adminKey);
      expect([400, 404, 422]).toContain(status);
    }
  });

  it.each(['.', '..', '%2E%2E', '../keys', '%2E%2E/keys', '..%2Fkeys', ';x', 'a//b'])(
    'leads nowhere else, when it is a path itself: %s',
    async (id) => {
      for (const [method, path] of ROUTES[kind] ?? []) {
        if (method !== 'GET') continue;
        // A URL library would resolve the dots before they are sent.
        const head = [`GET ${path(id)} HTTP/1.1`, 'Host: x', `X-API-Key: ${service.adminKey}`];
        const { status } = await service.http.raw(
          `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`,
        );
        expect([400, 404, 422]).toContain(status);
      }
    },
  );

  it('that is well-formed but of nothing is 404', async () => {
    const prefixes: Record<string, string> = {
      organization: 'org_',
      principal: 'prn_',
      key: 'key_',
      role: 'rol_',
      resource_server: 'rsv_',
      audit_event: 'aud_',
    };
    const id = kind === 'signing_key' ? 'A'.repeat(43) : `${prefixes[kind]}${ULID}`;
    for (const route of ROUTES[kind] ?? []) {
      const { status, json } = await call(route, id, service.adminKey);
      expect([route[0], route[1](id), status, json.code]).toEqual([
        route[0],
        route[1](id),
        404,
        'not_found',
      ]);
    }
  });
});

describe("another organization's", () => {
  it.each(['organization', 'principal', 'key'] as const)(
    '%s does not exist for an administrator of one organization',
    async (kind) => {
      const unknown = theirs[kind].slice(0, 4) + ULID;
      for (const route of ROUTES[kind] ?? []) {
        const [answer, asUnknown] = [
          await call(route, theirs[kind], manager.key),
          await call(route, unknown, manager.key),
        ];
        // Of an organization itself, its administrators may not change more than they are allowed.
        expect([route[0], asUnknown.status]).toEqual([route[0], answer.status]);
        expect([403, 404]).toContain(answer.status);
        expect(withoutRequestId(answer.text)).toBe(withoutRequestId(asUnknown.text));
      }
    },
  );

  it('principals and keys are in no list', async () => {
    for (const [path, ours, foreign] of [
      ['/v1/principals', own.principal, theirs.principal],
      ['/v1/keys', own.key, theirs.key],
      ['/v1/organizations', own.organization, theirs.organization],
    ] as const) {
      const { status, text } = await service.http.get(`${path}?limit=200`, asApiKey(manager.key));
      expect([path, status]).toEqual([path, 200]);
      expect(text).toContain(ours);
      expect(text).not.toContain(foreign);
    }
    const filtered = `/v1/principals?organization_id=${theirs.organization}`;
    const { status, text } = await service.http.get(filtered, asApiKey(manager.key));
    expect(status === 200 ? text : '').not.toContain(theirs.principal);
  });

  it('principals and keys are as they were', async () => {
    const administrator = asApiKey(service.adminKey);
    const principal = await service.http.get(`/v1/principals/${theirs.principal}`, administrator);
    expect(principal.json).toMatchObject({ name: 'job', status: 'active' });
    const key = await service.http.get(`/v1/keys/${theirs.key}`, administrator);
    expect(key.json).toMatchObject({ name: 'key', status: 'active' });
    expect(key.json.versions).toHaveLength(1);
  });
});

describe('query parameters', () => {
  it.each([
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=NaN',
    'limit=201',
    'limit=1&limit=2',
    "cursor=' OR 1=1 --",
    'cursor=%00',
    `cursor=${'x'.repeat(200)}`,
    'status=%27',
    'unknown=1',
  ])('that are not valid are 422, and never an error of ours: %s', async (query) => {
    for (const path of ['/v1/principals', '/v1/keys', '/v1/organizations', '/v1/audit-events']) {
      const { status } = await service.http.get(`${path}?${query}`, asApiKey(service.adminKey));
      expect([path, status]).toEqual([path, 422]);
    }
  });
});

function withoutRequestId(text: string): string {
  return text.replace(/"request_id":"[^"]*"/, '');
}
