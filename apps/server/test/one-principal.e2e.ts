import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateApiKey, KeyAuthentication, Principal } from '@countersign/contracts';
import {
  createLocalVerifier,
  type LocalVerifier,
  type PresentedBinding,
} from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CertificateAuthority,
  selfSigned,
  type TestCertificate,
} from '../../../test/certificate-authority.js';
import type { NewKey } from './admin-client.js';
import { asClientCert } from './as-client-cert.js';
import { DpopClient } from './dpop-client.js';
import { FakeIssuer } from './fake-issuer.js';
import { type Answer, asApiKey, type FormFields } from './http-client.js';
import { type Presentation, unbound, withCertificate, withProof } from './presentation.js';
import {
  type Arrangement,
  arrangementsIn,
  AUDIENCE,
  effectiveScopes,
  ROLES,
  SCOPES,
} from './principal-arrangement.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const RUNS = 40;
const TYPE_API_KEY = 'urn:countersign:token-type:api-key';
const TYPE_JWT = 'urn:ietf:params:oauth:token-type:jwt';

let service: ServiceUnderTest;
let organization: string;
let issuer: FakeIssuer;
/** Keys of a principal that acts for others, one of each environment. */
let actors: Record<'live' | 'test', NewKey>;
/** Of clients that authenticate by them: one that is its own authority's, and one of a trusted one. */
let certificate: TestCertificate;
let certified: TestCertificate;
let prover: DpopClient;
let files: string;
let atIssuer: LocalVerifier;
let atResourceServer: LocalVerifier;

beforeAll(async () => {
  const authority = await CertificateAuthority.create();
  files = await mkdtemp(join(tmpdir(), 'countersign-ca-'));
  await writeFile(join(files, 'ca.pem'), authority.pem);
  service = await startServiceUnderTest({
    env: {
      ...FakeIssuer.ENV,
      COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert',
      COUNTERSIGN_CLIENT_CA_FILE: join(files, 'ca.pem'),
      COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
    },
  });
  organization = (await service.admin.createOrganization()).id;
  await service.admin.createResourceServer(AUDIENCE, { scopes: SCOPES });
  for (const [role, scopes] of Object.entries(ROLES)) await service.admin.createRole(role, scopes);
  const live = await service.admin.newKey();
  const test = await service.admin.issueKey(live.principal_id, { environment: 'test' });
  actors = { live, test };
  certificate = await selfSigned();
  certified = await authority.issue({ names: [{ type: 'dns', value: 'job.example.com' }] });
  prover = new DpopClient(service.http);
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
  await rm(files, { recursive: true, force: true });
});

const arrangements = arrangementsIn(() => organization);

describe('a credential', () => {
  it('stands for one principal, by whatever road it is asked', async () => {
    await fc.assert(fc.asyncProperty(arrangements, expectOnePrincipal), { numRuns: RUNS });
  });

  it('of a trusted issuer does so as well, with what it is exchanged for', async () => {
    await fc.assert(fc.asyncProperty(arrangements, expectOneFederatedPrincipal), { numRuns: RUNS });
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

  const byKey = await byEveryRoad(unbound(issued.key), audience);
  const ours = (presentation: Presentation) => byEveryRoad(presentation, audience, 'ours');
  const byToken = await ours(unbound(token));
  const byActor = await ours(unbound(delegated));
  const bound = await boundTokens(id, key, issued.key, fields);
  const byBound = [];
  for (const presentation of bound) byBound.push(await ours(presentation));
  const boundKey = await keyWithCertificate(id, key);
  byBound.push(await byEveryRoad(boundKey, audience, 'a bound key'));
  for (const one of [byToken, ...byBound]) expect(common(one)).toBe(common(byKey));
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
  expect(byKey.scopes).toEqual(effectiveScopes(principal, key));
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

  const byIssuer = await byEveryRoad(unbound(foreign), audience);
  const byToken = await byEveryRoad(unbound(token), audience, 'ours');
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

/** JWTs of the same rights, each bound in another way: to a certificate, of both kinds, and to a key. */
async function boundTokens(
  principalId: string,
  key: CreateApiKey,
  secret: string,
  fields: FormFields,
): Promise<Presentation[]> {
  const pinned: KeyAuthentication = {
    method: 'self_signed_tls_client_auth',
    'x5t#S256': [certificate.thumbprint],
  };
  const named: KeyAuthentication = {
    method: 'tls_client_auth',
    tls_client_auth_san_dns: 'job.example.com',
  };
  const form = { grant_type: 'client_credentials', ...fields };
  const tokens: Presentation[] = [];
  for (const [authentication, shown] of [
    [pinned, certificate],
    [named, certified],
  ] as const) {
    const { id } = await service.admin.issueKey(principalId, { ...key, authentication });
    const asked = { ...form, client_id: id };
    const answer = await service.http.form('/token', asked, asClientCert(shown));
    tokens.push(withCertificate(tokenIn(answer), shown));
  }
  const proven = tokenIn(await prover.form('/token', form, asApiKey(secret)));
  return [...tokens, await withProof(proven, prover)];
}

/** A key of the same rights that is good together with the certificate alone. */
async function keyWithCertificate(principalId: string, key: CreateApiKey): Promise<Presentation> {
  const certificate_thumbprints = [certificate.thumbprint];
  const issued = await service.admin.issueKey(principalId, { ...key, certificate_thumbprints });
  return withCertificate(issued.key, certificate);
}

/**
 * The principal of a credential, after it was asked for by each road there is: local verification for
 * our JWTs alone, and no batch for a key that is bound, of which a batch does not say to what.
 * @param audience that is named where one has to be
 */
async function byEveryRoad(
  presentation: Presentation,
  audience: string,
  kind?: 'ours' | 'a bound key',
): Promise<Principal> {
  const { http } = service;
  const { credential } = presentation;
  const caller = asApiKey(service.adminKey);
  const asked = { token: credential, ...presentation.introspected };
  const introspected: Principal = (await http.form('/introspect', asked, caller)).json.principal;
  const batch = await http.json('POST', '/v1/introspect/batch', { tokens: [credential] }, caller);
  const self = await http.get('/whoami', await presentation.toUs('/whoami'));
  const question = { credential, audience, context: await presentation.context() };
  const decision = await http.json('POST', '/v1/verify', question, caller);
  const at = audience === service.url ? '' : `?audience=${encodeURIComponent(audience)}`;
  const { headers } = await http.get(`/forward-auth${at}`, await presentation.toGateway());
  const internal = await locally(headers.get('x-principal-token') ?? '', audience);

  const [inBatch] = batch.json.results as [{ principal: Principal }];
  if (kind === 'a bound key') expect(inBatch).toEqual({ active: false });
  else expect(inBatch.principal).toEqual(introspected);
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
  const others = [self.json, decision.json.principal, internal];
  if (kind !== 'a bound key') others.push(inBatch.principal);
  for (const other of others) expect(common(other)).toBe(common(introspected));
  if (kind === 'ours') {
    const local = await locally(credential, audience, presentation.binding);
    expect(local).toEqual(introspected);
    expect(common(local)).toBe(common(introspected));
  }
  return introspected;
}

/** The principal of one of our JWTs as a resource server without any connection to us has it. */
async function locally(
  jwt: string,
  audience: string,
  binding?: PresentedBinding,
): Promise<Principal> {
  const verifier = audience === AUDIENCE ? atResourceServer : atIssuer;
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
  return tokenIn(answer);
}

function tokenIn({ status, text, json }: Answer): string {
  if (status !== 200) throw new Error(`/token answered ${status}: ${text}`);
  return json.access_token as string;
}

function common({ credential: _, audience: __, ...rest }: Principal): string {
  return JSON.stringify(rest);
}
