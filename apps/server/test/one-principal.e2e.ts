import { randomUUID } from 'node:crypto';
import type { CreateApiKey, CreatePrincipal, Metadata, Principal } from '@countersign/contracts';
import { createLocalVerifier, type LocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selfSigned, type TestCertificate } from '../../../test/certificate-authority.js';
import type { NewKey } from './admin-client.js';
import { asClientCert } from './as-client-cert.js';
import { FakeIssuer } from './fake-issuer.js';
import { asApiKey, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const AUDIENCE = 'https://api.example.com';
/** Whatever RFC 6749 allows, and not only what looks like a scope. */
const SCOPES = ['read:users', 'write:users', 'a', 'B', '~', '*', 'x'.repeat(128), '!#$%&[]^'];
const ROLES = ['exporter', 'R.2_a-b:c', 'zero'];
const RUNS = 40;
const TYPE_API_KEY = 'urn:countersign:token-type:api-key';
const TYPE_JWT = 'urn:ietf:params:oauth:token-type:jwt';

let service: ServiceUnderTest;
let organization: string;
let issuer: FakeIssuer;
/** Keys of a principal that acts for others, one of each environment. */
let actors: Record<'live' | 'test', NewKey>;
/** Of a client that authenticates by it. */
let certificate: TestCertificate;
let atIssuer: LocalVerifier;
let atResourceServer: LocalVerifier;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_FEDERATION_INSECURE_HTTP: 'loopback',
      COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES: '127.0.0.1',
      COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert',
      COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
    },
  });
  organization = (await service.admin.createOrganization()).id;
  await service.admin.createResourceServer(AUDIENCE, { scopes: SCOPES });
  await service.admin.createRole('exporter', ['read:users', '~']);
  await service.admin.createRole('R.2_a-b:c', ['B', '*']);
  await service.admin.createRole('zero', []);
  const live = await service.admin.newKey();
  const test = await service.admin.issueKey(live.principal_id, { environment: 'test' });
  actors = { live, test };
  certificate = await selfSigned();
  issuer = await FakeIssuer.start();
  await service.admin.trustIssuer(issuer.url, {
    scopes: SCOPES,
    target_audiences: [],
    provisioning: 'create',
    organization_id: organization,
  });
  const common = { issuer: service.url, allowInsecureHttp: true } as const;
  atIssuer = createLocalVerifier({ ...common, audience: service.url });
  atResourceServer = createLocalVerifier({ ...common, audience: AUDIENCE });
});

afterAll(async () => {
  await issuer.stop();
  await service.stop();
});

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

  it('of a trusted issuer does so as well, with what it is exchanged for', async () => {
    await fc.assert(fc.asyncProperty(arrangement, expectOneFederatedPrincipal), { numRuns: RUNS });
  });
});

async function expectOnePrincipal({ principal, key, forResourceServer }: Arrangement) {
  const actor = actors[key.environment];
  const permitting = { ...principal, actor_ids: [actor.principal_id] };
  const { id } = await service.admin.createPrincipal(permitting);
  const issued = await service.admin.issueKey(id, key);
  const restricted = forResourceServer || key.audiences.length > 0;
  const audience = restricted ? AUDIENCE : service.url;
  const fields = forResourceServer ? { audience: AUDIENCE } : {};
  const token = await service.tokenFor(issued.key, fields);
  const delegated = await exchange(issued.key, TYPE_API_KEY, {
    ...fields,
    actor_token: actor.key,
    actor_token_type: TYPE_API_KEY,
  });

  const byKey = await byEveryRoad(issued.key, audience);
  const byToken = await byEveryRoad(token, audience, { isOurs: true });
  const byActor = await byEveryRoad(delegated, audience, { isOurs: true });
  const byCertificate = await byEveryRoad(await tokenByCertificate(id, key, fields), audience, {
    isOurs: true,
    shown: certificate,
  });
  expect(common(byToken)).toBe(common(byKey));
  expect(common(byCertificate)).toBe(common(byKey));
  expect(byActor.actor).toEqual({ subject: actor.principal_id, actor: null });
  expect(common({ ...byActor, actor: null })).toBe(common(byKey));

  expect(byKey).toMatchObject({
    subject: id,
    name: principal.name,
    organization: principal.organization_id ?? null,
    roles: [...principal.roles].sort(),
    environment: key.environment,
    metadata: { ...principal.metadata, ...key.metadata },
    audience: key.audiences,
    credential: { type: 'api_key', id: issued.id, root: { type: 'api_key', id: issued.id } },
    actor: null,
  });
  expect(byKey.scopes).toEqual(effective(principal, key));
  for (const { audience: good, credential } of [byToken, byActor]) {
    expect(good).toEqual([audience]);
    expect(credential).toMatchObject({ type: 'access_token', root: { id: issued.id } });
  }
}

async function expectOneFederatedPrincipal({ principal, key, forResourceServer }: Arrangement) {
  // In a merge patch, null means to remove (RFC 7396).
  fc.pre(!JSON.stringify(principal.metadata).includes('null'));
  const scope = key.scopes.join(' ');
  const foreign = await issuer.token({ sub: randomUUID(), ...(scope !== '' && { scope }) });
  const { subject } = (await service.introspect(foreign)).principal as Principal;
  const { name, roles, metadata: own } = principal;
  await service.admin.patchPrincipal(subject, { name, roles, metadata: own });
  const audience = forResourceServer ? AUDIENCE : service.url;
  const fields = forResourceServer ? { audience: AUDIENCE } : {};
  const token = await exchange(foreign, TYPE_JWT, fields);

  const byIssuer = await byEveryRoad(foreign, audience);
  const byToken = await byEveryRoad(token, audience, { isOurs: true });
  expect(common(byToken)).toBe(common(byIssuer));
  expect(byIssuer).toMatchObject({
    subject,
    name,
    organization,
    scopes: [...key.scopes].sort(),
    roles: [...roles].sort(),
    environment: 'live',
    metadata: own,
    credential: { type: 'federated_token', issuer: issuer.url },
    actor: null,
  });
}

/** A token that is bound to the certificate by which its client authenticates (RFC 8705 §3). */
async function tokenByCertificate(
  principalId: string,
  key: CreateApiKey,
  fields: FormFields,
): Promise<string> {
  const { id } = await service.admin.issueKey(principalId, {
    ...key,
    authentication: {
      method: 'self_signed_tls_client_auth',
      'x5t#S256': [certificate.thumbprint],
    },
  });
  const form = { grant_type: 'client_credentials', client_id: id, ...fields };
  const { status, text, json } = await service.http.form('/token', form, showing(certificate));
  if (status !== 200) throw new Error(`/token answered ${status}: ${text}`);
  return json.access_token as string;
}

function showing(shown: TestCertificate | undefined): Record<string, string> {
  return shown === undefined ? {} : asClientCert(shown);
}

/**
 * The principal of a credential, after it was asked for by each road there is.
 * @param audience that is named where one has to be
 */
async function byEveryRoad(
  credential: string,
  audience: string,
  { isOurs = false, shown }: { isOurs?: boolean; shown?: TestCertificate } = {},
): Promise<Principal> {
  const { http } = service;
  const caller = asApiKey(service.adminKey);
  const own = { ...asBearer(credential), ...showing(shown) };
  const context = shown === undefined ? {} : { certificate_thumbprint: shown.thumbprint };
  const introspected: Principal = (await service.introspect(credential)).principal;
  const batch = await http.json('POST', '/v1/introspect/batch', { tokens: [credential] }, caller);
  const self = await http.get('/whoami', own);
  const decision = await http.json('POST', '/v1/verify', { credential, audience, context }, caller);
  const at = audience === service.url ? '' : `?audience=${encodeURIComponent(audience)}`;
  const { headers } = await http.get(`/forward-auth${at}`, own);
  const internal = await locally(headers.get('x-principal-token') ?? '', audience);

  expect(batch.json.results[0].principal).toEqual(introspected);
  expect(self.json).toEqual(introspected);
  expect(decision.json.principal).toEqual(introspected);
  expect(fromHeaders(headers)).toEqual({
    subject: introspected.subject,
    type: introspected.type,
    name: introspected.name,
    organization: introspected.organization,
    scopes: introspected.scopes,
    roles: introspected.roles,
    environment: introspected.environment,
    credential: introspected.credential.id,
    actor: introspected.actor?.subject ?? null,
  });
  // To the letter: the order of what is in it, and nothing more in it.
  const others = [batch.json.results[0].principal, self.json, decision.json.principal, internal];
  for (const other of others) expect(common(other)).toBe(common(introspected));
  if (isOurs) {
    const local = await locally(credential, audience, shown);
    expect(local).toEqual(introspected);
    expect(common(local)).toBe(common(introspected));
  }
  return introspected;
}

/** The principal of one of our JWTs as a resource server without any connection to us has it. */
async function locally(jwt: string, audience: string, shown?: TestCertificate): Promise<Principal> {
  const verifier = audience === AUDIENCE ? atResourceServer : atIssuer;
  const binding = shown && ({ scheme: 'other', 'x5t#S256': shown.thumbprint } as const);
  const verified = await verifier.verify(jwt, undefined, binding);
  if (!verified.ok) throw new Error(`the local verifier: ${verified.code}`);
  return verified.principal;
}

/** What an upstream reads out of the headers of its gateway. */
function fromHeaders(headers: Headers) {
  const text = (name: string) => decodeURIComponent(headers.get(`x-principal-${name}`) ?? '?');
  const list = (name: string) => {
    const value = headers.get(`x-principal-${name}`) ?? '?';
    return value === '' ? [] : value.split(' ').map(decodeURIComponent);
  };
  return {
    subject: text('subject'),
    type: text('type'),
    name: text('name'),
    organization: text('organization') || null,
    scopes: list('scopes'),
    roles: list('roles'),
    environment: text('environment'),
    credential: text('credential'),
    actor: text('actor') || null,
  };
}

async function exchange(subject: string, type: string, fields: FormFields): Promise<string> {
  const answer = await service.http.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subject,
    subject_token_type: type,
    ...fields,
  });
  if (answer.status !== 200) throw new Error(`/token answered ${answer.status}: ${answer.text}`);
  return answer.json.access_token as string;
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
