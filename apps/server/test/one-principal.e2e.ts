import type { CreateApiKey, CreatePrincipal, Metadata, Principal } from '@countersign/contracts';
import { createLocalVerifier, type LocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asApiKey, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const AUDIENCE = 'https://api.example.com';
/** Whatever RFC 6749 allows, and not only what looks like a scope. */
const SCOPES = ['read:users', 'write:users', 'a', 'B', '~', '*', 'x'.repeat(128), '!#$%&[]^'];
const ROLES = ['exporter', 'R.2_a-b:c', 'zero'];
const RUNS = 60;

let service: ServiceUnderTest;
let organization: string;
let atIssuer: LocalVerifier;
let atResourceServer: LocalVerifier;

beforeAll(async () => {
  service = await startServiceUnderTest();
  organization = (await service.admin.createOrganization()).id;
  await service.admin.createResourceServer(AUDIENCE, { scopes: SCOPES });
  await service.admin.createRole('exporter', ['read:users', '~']);
  await service.admin.createRole('R.2_a-b:c', ['B', '*']);
  await service.admin.createRole('zero', []);
  const common = { issuer: service.url, allowInsecureHttp: true } as const;
  atIssuer = createLocalVerifier({ ...common, audience: service.url });
  atResourceServer = createLocalVerifier({ ...common, audience: AUDIENCE });
});

afterAll(() => service.stop());

interface Arrangement {
  readonly principal: CreatePrincipal;
  readonly key: CreateApiKey;
  readonly forResourceServer: boolean;
}

const label = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => text.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text));
const metadata = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }),
    { maxKeys: 4, noNullPrototype: true },
  )
  .filter(isStorable)
  // As JSON has it: there, -0 is 0.
  .map((value) => JSON.parse(JSON.stringify(value)) as Metadata);

const arrangement: fc.Arbitrary<Arrangement> = fc.record({
  principal: fc.record({
    type: fc.constantFrom('user' as const, 'service' as const),
    name: label,
    organization_id: fc.boolean().map((member) => (member ? organization : null)),
    external_id: fc.option(fc.uuid()),
    scopes: fc.subarray(SCOPES),
    roles: fc.subarray(ROLES),
    actor_ids: fc.constant<string[]>([]),
    metadata,
  }),
  key: fc.record({
    name: label,
    scopes: fc.subarray(SCOPES),
    environment: fc.constantFrom('live' as const, 'test' as const),
    expires_at: fc.constantFrom(null, '2099-01-01T00:00:00.000Z'),
    metadata,
    audiences: fc.constantFrom<string[]>([], [AUDIENCE]),
  }),
  forResourceServer: fc.boolean(),
});

/** What both principal and key bear may be more than a token holds; that is refused elsewhere. */
function isStorable(value: object): boolean {
  const text = JSON.stringify(value);
  const plain = !text.includes('__proto__') && !/\\u0000|\\ud[89a-f]/i.test(text);
  return plain && Buffer.byteLength(text) <= 500;
}

describe('a credential', () => {
  it('stands for one principal, by whatever road it is asked', async () => {
    await fc.assert(fc.asyncProperty(arrangement, expectOnePrincipal), { numRuns: RUNS });
  });
});

async function expectOnePrincipal({ principal, key, forResourceServer }: Arrangement) {
  const { id } = await service.admin.createPrincipal(principal);
  const issued = await service.admin.issueKey(id, key);
  const audience = forResourceServer ? { audience: AUDIENCE } : {};
  const token = await service.tokenFor(issued.key, audience);
  const restricted = forResourceServer || key.audiences.length > 0;

  const decidedOn = async (credential: string): Promise<Principal> => {
    const caller = asApiKey(service.adminKey);
    return (await service.http.json('POST', '/v1/verify', { credential }, caller)).json.principal;
  };
  const byKey: Principal = (await service.introspect(issued.key)).principal;
  const byToken: Principal = (await service.introspect(token)).principal;
  const verified = await (restricted ? atResourceServer : atIssuer).verify(token);
  if (!verified.ok) throw new Error(`the local verifier: ${verified.code}`);
  const bySelf: Principal = (await service.http.get('/whoami', asApiKey(issued.key))).json;
  const bySelfWithToken: Principal = (await service.http.get('/whoami', asBearer(token))).json;

  const asked = restricted ? `?audience=${encodeURIComponent(AUDIENCE)}` : '';
  const { headers } = await service.http.get(`/forward-auth${asked}`, asApiKey(issued.key));
  const internal = headers.get('x-principal-token') ?? '';
  const byGateway = await (restricted ? atResourceServer : atIssuer).verify(internal);
  if (!byGateway.ok) throw new Error(`the token of a gateway: ${byGateway.code}`);

  // To the letter: the order of what is in it, and nothing more in it.
  expect(common(byKey)).toBe(common(byToken));
  expect(common(verified.principal)).toBe(common(byKey));
  expect(common(byGateway.principal)).toBe(common(byKey));
  expect(bySelf).toEqual(byKey);
  expect(bySelfWithToken).toEqual(byToken);
  expect(verified.principal).toEqual(byToken);
  expect(await decidedOn(issued.key)).toEqual(byKey);
  expect(await decidedOn(token)).toEqual(byToken);

  expect(byKey).toMatchObject({
    subject: id,
    name: principal.name,
    organization: principal.organization_id ?? null,
    roles: [...principal.roles].sort(),
    environment: key.environment,
    metadata: { ...principal.metadata, ...key.metadata },
    audience: key.audiences,
    credential: { type: 'api_key', id: issued.id, root: { type: 'api_key', id: issued.id } },
  });
  expect(byKey.scopes).toEqual(effective(principal, key));
  expect(byToken.audience).toEqual([restricted ? AUDIENCE : service.url]);
  expect(byToken.credential).toMatchObject({ type: 'access_token', root: { id: issued.id } });
}

function common({ credential: _, audience: __, ...rest }: Principal): string {
  return JSON.stringify(rest);
}

function effective(principal: CreatePrincipal, key: CreateApiKey): string[] {
  const ofRole: Record<string, string[]> = {
    exporter: ['read:users', '~'],
    'R.2_a-b:c': ['B', '*'],
  };
  const granted = [...principal.scopes, ...principal.roles.flatMap((role) => ofRole[role] ?? [])];
  return [...new Set(key.scopes)].filter((scope) => granted.includes(scope)).sort();
}
