import { createLocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { DpopClient } from './dpop-client.js';
import { FakeIssuer } from './fake-issuer.js';
import { type Answer, asApiKey, asBearer, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const API = 'https://api.example.com';
const OTHER_API = 'https://other.example.com';
const KEY = 'urn:countersign:token-type:api-key';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SCOPES = ['read', 'write', 'countersign:introspect'];

let service: ServiceUnderTest;
let actor: NewKey;
let subject: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  const refresh = {
    refresh_tokens: { idle_ttl_seconds: 60, absolute_ttl_seconds: 600 },
  };
  await service.admin.createResourceServer(API, { scopes: ['read', 'write'], ...refresh });
  await service.admin.createResourceServer(OTHER_API, { scopes: ['read'] });
  actor = await service.admin.newKey([]);
  subject = await subjectFor(actor);
});

afterAll(() => service.stop());

/** A key of a principal for which these actors may act. */
function subjectFor(...actors: NewKey[]): Promise<NewKey> {
  const actor_ids = actors.map((one) => one.principal_id);
  return service.admin.newKey(SCOPES, { principal: { actor_ids } });
}

/** Asks for a token of the subject by which the actor acts. */
function delegate(from: string, by: string, fields: FormFields = {}): Promise<Answer> {
  return service.http.form('/token', fieldsFor(from, by, fields));
}

function fieldsFor(from: string, by: string, fields: FormFields = {}): FormFields {
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: from,
    subject_token_type: typeOf(from),
    actor_token: by,
    actor_token_type: typeOf(by),
    ...fields,
  };
}

function typeOf(credential: string): string {
  return credential.startsWith('ey') ? ACCESS_TOKEN : KEY;
}

async function delegated(from: string, by: string, fields: FormFields = {}): Promise<string> {
  const answer = await delegate(from, by, fields);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.json.access_token as string;
}

function expectRefused(answer: Answer, error: string, description?: RegExp): void {
  expect([answer.status, answer.json.error]).toEqual([400, error]);
  if (description) expect(answer.json.error_description).toMatch(description);
}

async function isActive(token: string): Promise<boolean> {
  return (await service.introspect(token)).active;
}

describe('delegation by an actor token (RFC 8693 §2.1, §4.1)', () => {
  it('yields a token of the subject that names the actor, and so does every road', async () => {
    const answer = await delegate(subject.key, actor.key, { audience: API, scope: 'read' });
    expect(answer.json).toMatchObject({ issued_token_type: ACCESS_TOKEN, scope: 'read' });
    const token = answer.json.access_token as string;
    expect(claimsOf(token)).toMatchObject({
      sub: subject.principal_id,
      cid: `${subject.id}.${subject.versions[0]?.id}`,
      act: { sub: actor.principal_id, cid: `${actor.id}.${actor.versions[0]?.id}` },
    });
    const named = { subject: actor.principal_id, actor: null };
    const { act, principal } = await service.introspect(token);
    expect(act).toEqual({ sub: actor.principal_id });
    expect(principal).toMatchObject({ subject: subject.principal_id, actor: named });
    const verifier = createLocalVerifier({
      issuer: service.url,
      audience: API,
      allowInsecureHttp: true,
    });
    expect(await verifier.verify(token)).toMatchObject({ ok: true, principal: { actor: named } });
    const self = (await service.http.get('/whoami', asBearer(token))).json;
    expect(self).toEqual(principal);
    const path = `/forward-auth?audience=${encodeURIComponent(API)}`;
    const { headers } = await service.http.get(path, asBearer(token));
    expect(headers.get('x-principal-actor')).toBe(actor.principal_id);
    const internal = headers.get('x-principal-token') ?? '';
    expect(await verifier.verify(internal)).toMatchObject({ principal: { actor: named } });
  });

  it('takes a JWT of ours as actor token, and none that is delegated itself', async () => {
    const token = await service.tokenFor(actor.key);
    expect((await delegate(subject.key, token)).status).toBe(200);
    const third = await subjectFor(actor);
    const acting = await delegated(third.key, actor.key);
    const other = await subjectFor(third);
    expect((await delegate(other.key, third.key)).status).toBe(200);
    expectRefused(await delegate(other.key, acting), 'invalid_request', /delegated itself/);
  });

  it('asks for both actor_token and actor_token_type, or neither (§2.1)', async () => {
    const { actor_token, actor_token_type, ...rest } = fieldsFor(subject.key, actor.key);
    const send = (fields: FormFields) => service.http.form('/token', { ...rest, ...fields });
    expectRefused(await send({ actor_token: actor_token ?? '' }), 'invalid_request');
    expectRefused(await send({ actor_token_type: actor_token_type ?? '' }), 'invalid_request');
    expect((await send({})).status).toBe(200);
  });

  it('refuses an actor token that is invalid, or not of its type (§2.2.2)', async () => {
    const revoked = await service.admin.newKey([]);
    const of = await subjectFor(revoked);
    expect((await delegate(of.key, revoked.key)).status).toBe(200);
    const mistyped = { actor_token_type: ACCESS_TOKEN };
    expectRefused(await delegate(of.key, revoked.key, mistyped), 'invalid_request');
    expectRefused(await delegate(of.key, `${revoked.key}x`), 'invalid_request');
    await service.admin.revokeKey(revoked.id);
    expectRefused(await delegate(of.key, revoked.key), 'invalid_request');
  });

  it('refuses an actor that the subject does not name, and the other way round', async () => {
    const stranger = await service.admin.newKey([]);
    expectRefused(await delegate(subject.key, stranger.key), 'invalid_request', /may not act/);
    expectRefused(await delegate(actor.key, subject.key), 'invalid_request', /may not act/);
    expectRefused(await delegate(subject.key, subject.key), 'invalid_request', /may not act/);
  });

  it('needs a credential of the subject: an actor alone impersonates nobody (§1.1)', async () => {
    expectRefused(await delegate(subject.principal_id, actor.key), 'invalid_request');
    expectRefused(await delegate('', actor.key), 'invalid_request');
  });

  it('takes no key of another environment for an actor', async () => {
    const test = await service.admin.issueKey(actor.principal_id, { environment: 'test' });
    expectRefused(await delegate(subject.key, test.key), 'invalid_request', /may not act/);
  });

  it('never yields scopes of Countersign, and lets the actor do nothing with them', async () => {
    const token = await delegated(subject.key, actor.key);
    expect(claimsOf(token)['scope']).toBe('read write');
    const asked = { scope: 'countersign:introspect' };
    expectRefused(await delegate(subject.key, actor.key, asked), 'invalid_scope');
    const introspection = await service.http.form('/introspect', { token }, asBearer(token));
    expect(introspection.status).toBe(403);
    const administration = await service.http.get('/v1/principals', asBearer(token));
    expect(administration.status).toBe(403);
  });

  it('never yields a refresh token, also not in a second exchange', async () => {
    const plain = await service.http.form('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject.key,
      subject_token_type: KEY,
      audience: API,
    });
    expect(plain.json.refresh_token).toBeDefined();
    const answer = await delegate(subject.key, actor.key, { audience: API });
    expect(answer.json).not.toHaveProperty('refresh_token');
    const again = await delegate(answer.json.access_token, actor.key, { audience: API });
    expect(again.status).toBe(200);
    expect(again.json).not.toHaveProperty('refresh_token');
  });

  it('yields no token that outlives what the actor presented', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) + 30;
    const short = await service.admin.newKey([], { key: { expires_at: expiresAt } });
    const of = await subjectFor(short);
    expect(claimsOf(await delegated(of.key, short.key))).toMatchObject({ exp: expiresAt });
  });

  it('keeps to the audiences of both, now and later', async () => {
    const narrow = await service.admin.newKey([], { key: { audiences: [OTHER_API] } });
    const of = await subjectFor(narrow);
    expectRefused(await delegate(of.key, narrow.key, { audience: API }), 'invalid_target');
    const token = await delegated(of.key, narrow.key);
    expect(claimsOf(token)['aud']).toBe(OTHER_API);
    const own = await service.tokenFor(of.key, { audience: API });
    expectRefused(await delegate(own, narrow.key), 'invalid_target', /no common audience/);
    await service.admin.patchKey(narrow.id, { audiences: [API] });
    expect(await isActive(token)).toBe(false);
  });

  it("keeps to the restrictions of the actor's key, now and later", async () => {
    const late = await service.admin.newKey([]);
    const of = await subjectFor(late);
    const token = await delegated(of.key, late.key);
    expect(await isActive(token)).toBe(true);
    await service.admin.patchKey(late.id, { restrictions: { methods: ['GET'] } });
    expect(await isActive(token)).toBe(false);
    const administrator = asApiKey(service.adminKey);
    const get = { token, method: 'GET' };
    expect((await service.http.form('/introspect', get, administrator)).json.active).toBe(true);
    expectRefused(await delegate(of.key, late.key), 'invalid_request', /restrictions/);
    expect((await service.http.get('/forward-auth', asBearer(token))).status).not.toBe(200);
  });
});

describe('a delegated token', () => {
  it.each<[string, (own: Arrangement) => Promise<unknown>]>([
    [
      'the permission is withdrawn',
      ({ of }) => service.admin.patchPrincipal(of.principal_id, { actor_ids: [] }),
    ],
    ["the actor's key is revoked", ({ by }) => service.admin.revokeKey(by.id)],
    [
      "the actor's key is disabled",
      ({ by }) => service.admin.patchKey(by.id, { status: 'disabled' }),
    ],
    [
      "the actor's key expires",
      async ({ by }) => {
        await service.admin.patchKey(by.id, { expires_at: Math.floor(Date.now() / 1000) + 1 });
        await new Promise((resolve) => setTimeout(resolve, 1_100));
      },
    ],
    ["the actor's key is deleted", ({ by }) => service.admin.deleteKey(by.id)],
    ["the actor's key is rotated without grace", ({ by }) => service.admin.rotateKey(by.id, 0)],
    [
      "the actor's principal is disabled",
      ({ by }) => service.admin.patchPrincipal(by.principal_id, { status: 'disabled' }),
    ],
    [
      "the actor's principal is deleted",
      ({ by }) => service.admin.deletePrincipal(by.principal_id),
    ],
    [
      "the actor's organization is disabled",
      ({ organization }) => service.admin.setOrganizationStatus(organization, 'disabled'),
    ],
    ["the subject's key is revoked", ({ of }) => service.admin.revokeKey(of.id)],
    [
      "the subject's principal is disabled",
      ({ of }) => service.admin.patchPrincipal(of.principal_id, { status: 'disabled' }),
    ],
  ])('dies at once, even while cached, when %s', async (_, end) => {
    const organization = (await service.admin.createOrganization()).id;
    const by = await service.admin.newKey([], { principal: { organization_id: organization } });
    const of = await subjectFor(by);
    const token = await delegated(of.key, by.key);
    expect([await isActive(token), await isActive(token)]).toEqual([true, true]);
    await end({ of, by, organization });
    expect(await service.introspect(token)).toEqual({ active: false });
    expect((await service.http.get('/whoami', asBearer(token))).status).toBe(401);
    const caller = asApiKey(service.adminKey);
    const decision = await service.http.json('POST', '/v1/verify', { credential: token }, caller);
    expect(decision.json).toMatchObject({ allowed: false, code: 'invalid_credential' });
  });

  it('comes back with the permission', async () => {
    const of = await subjectFor(actor);
    const token = await delegated(of.key, actor.key);
    await service.admin.patchPrincipal(of.principal_id, { actor_ids: null });
    expect(await isActive(token)).toBe(false);
    await service.admin.patchPrincipal(of.principal_id, { actor_ids: [actor.principal_id] });
    expect(await isActive(token)).toBe(true);
  });

  it('is explained by the check that fails', async () => {
    const of = await subjectFor(actor);
    const credential = await delegated(of.key, actor.key);
    await service.admin.patchPrincipal(of.principal_id, { actor_ids: [] });
    const caller = asApiKey(service.adminKey);
    const asked = { credential, explain: true };
    const { json } = await service.http.json('POST', '/v1/verify', asked, caller);
    const failed = json.explanation.decide.checks.filter(
      ({ outcome }: { outcome: string }) => outcome === 'failed',
    );
    expect(failed).toEqual([{ check: 'actor', outcome: 'failed', code: 'actor_not_permitted' }]);
  });

  it('keeps its actors when exchanged, the newest outermost, four at most (§4.1)', async () => {
    const actors = await Promise.all([1, 2, 3, 4, 5].map(() => service.admin.newKey([])));
    const of = await subjectFor(...actors);
    let token = of.key;
    const names: string[] = [];
    for (const by of actors.slice(0, 4)) {
      token = await delegated(token, by.key);
      names.unshift(by.principal_id);
      expect(chainOf((await service.introspect(token)).principal.actor)).toEqual(names);
    }
    const again = await delegated(token, actors[3]?.key ?? '');
    expect(claimsOf(again)['act']).toEqual(claimsOf(token)['act']);
    const { actor_token: _, actor_token_type: __, ...alone } = fieldsFor(token, '');
    const bare = (await service.http.form('/token', alone)).json.access_token as string;
    expect(claimsOf(bare)['act']).toEqual(claimsOf(token)['act']);
    expectRefused(await delegate(token, actors[4]?.key ?? ''), 'invalid_request', /too many/);

    // What was derived through an actor falls with it, also when somebody else acts by now.
    await service.admin.revokeKey(actors[0]?.id ?? '');
    expect(await isActive(token)).toBe(false);
  });

  it('may come from trusted issuers, on both sides, whose may_act permits nothing (§4.4), and dies with either identity', async () => {
    const issuer = await FakeIssuer.start();
    try {
      const trusted = await service.admin.trustIssuer(issuer.url, {
        scopes: ['read', 'write'],
        target_audiences: [],
        provisioning: 'create',
      });
      const alice = await issuer.token({ sub: 'alice', scope: 'read' });
      const bot = await issuer.token({ sub: 'bot' });
      const user = (await service.introspect(alice)).principal.subject as string;
      const agent = (await service.introspect(bot)).principal.subject as string;
      expectRefused(await delegate(alice, bot), 'invalid_request', /may not act/);
      // RFC 8693 §4.4: the word of another issuer about who may act is not taken.
      const may_act = { iss: issuer.url, sub: 'bot' };
      const permitting = await issuer.token({ sub: 'alice', scope: 'read', may_act });
      expectRefused(await delegate(permitting, bot), 'invalid_request', /may not act/);
      await service.admin.patchPrincipal(user, { actor_ids: [agent] });
      const token = await delegated(alice, bot);
      expect((await service.introspect(token)).principal).toMatchObject({
        subject: user,
        actor: { subject: agent, actor: null },
        scopes: ['read'],
      });
      const identities = await service.admin.identitiesOf(trusted.id);
      const identity = identities.find(({ principal_id }) => principal_id === agent);
      await service.admin.setIdentityStatus(identity?.id ?? '', 'disabled');
      expect(await isActive(token)).toBe(false);
      await service.admin.setIdentityStatus(identity?.id ?? '', 'active');
      expect(await isActive(token)).toBe(true);
    } finally {
      await issuer.stop();
    }
  });
});

describe('an actor token that is bound to a key (RFC 9449 §5)', () => {
  it('needs its proof, and what it yields is bound to the same key', async () => {
    const holder = new DpopClient(service.http);
    const plain = { grant_type: 'client_credentials' };
    const bound = await holder.form('/token', plain, asApiKey(actor.key));
    const token = bound.json.access_token as string;
    expectRefused(await delegate(subject.key, token), 'invalid_request');
    const thief = new DpopClient(service.http);
    const stolen = await thief.form('/token', fieldsFor(subject.key, token));
    expectRefused(stolen, 'invalid_request');
    const answer = await holder.form('/token', fieldsFor(subject.key, token));
    expect([answer.status, answer.json.token_type]).toEqual([200, 'DPoP']);
    expect(claimsOf(answer.json.access_token)).toMatchObject({
      cnf: { jkt: await holder.jkt() },
      act: { sub: actor.principal_id },
    });
  });
});

describe('the actors of a principal', () => {
  it('are shown, created and changed, sorted, and at most 64', async () => {
    const others = await Promise.all([1, 2, 3].map(() => service.admin.createPrincipal()));
    const ids = others.map(({ id }) => id);
    const created = await service.admin.createPrincipal({ actor_ids: ids.toReversed() });
    expect(created.actor_ids).toEqual(ids.toSorted());
    const caller = asApiKey(service.adminKey);
    const patch = (actor_ids: unknown) =>
      service.http.json('PATCH', `/v1/principals/${created.id}`, { actor_ids }, caller);
    expect((await patch(ids.slice(0, 1))).json.actor_ids).toEqual(ids.slice(0, 1));
    const shown = await service.http.get(`/v1/principals/${created.id}`, caller);
    expect(shown.json.actor_ids).toEqual(ids.slice(0, 1));
    const many = Array.from({ length: 65 }, (_, i) => `prn_${String(i).padStart(26, '0')}`);
    for (const bad of [many, [ids[0], ids[0]], ['somebody'], ['prn_01JD0000000000000000000000']]) {
      expect((await patch(bad)).json).toMatchObject({ status: 422, code: 'validation_failed' });
    }
    await service.admin.deletePrincipal(ids[0] ?? '');
    expect((await patch(ids.slice(0, 2))).json.actor_ids).toEqual(ids.slice(0, 2).toSorted());
  });

  it('are of the organization that its administrator is limited to', async () => {
    const organization_id = (await service.admin.createOrganization()).id;
    const limited = await service.admin.newKey(['countersign:admin'], {
      principal: { organization_id },
    });
    const own = await service.admin.createPrincipal({ organization_id });
    const foreign = await service.admin.createPrincipal();
    const caller = asApiKey(limited.key);
    const create = (actor_ids: string[]) =>
      service.http.json('POST', '/v1/principals', { type: 'user', name: 'Ada', actor_ids }, caller);
    const patch = (actor_ids: string[]) =>
      service.http.json('PATCH', `/v1/principals/${own.id}`, { actor_ids }, caller);
    const admitted = await create([own.id]);
    expect([admitted.status, admitted.json.actor_ids]).toEqual([201, [own.id]]);
    for (const answer of [await create([foreign.id]), await patch([foreign.id])]) {
      expect(answer.json).toMatchObject({ code: 'validation_failed' });
    }
    // One that somebody else has named may stay.
    await service.admin.patchPrincipal(own.id, { actor_ids: [foreign.id] });
    expect((await patch([foreign.id, admitted.json.id])).status).toBe(200);
  });
});

interface Arrangement {
  readonly of: NewKey;
  readonly by: NewKey;
  readonly organization: string;
}

interface Chain {
  readonly subject: string;
  readonly actor: Chain | null;
}

function chainOf(chain: Chain | null): string[] {
  return chain === null ? [] : [chain.subject, ...chainOf(chain.actor)];
}
