import { CHECK_NAMES, verifyResponse } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { eventually } from './eventually.js';
import { forgedKey } from './forged-key.js';
import { type Answer, asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const ORDERS = 'https://orders.example.com';
const BILLING = 'https://billing.example.com';
const SCOPES = ['orders:read', 'orders:write'];
const INVALID = {
  allowed: false,
  code: 'invalid_credential',
  principal: null,
  failures: [{ check: 'credential', code: 'invalid_credential' }],
};
/** Of a certificate, as RFC 8705 §3.1 has it. */
const THUMBPRINT = 'A'.repeat(43);

let service: ServiceUnderTest;
let gate: NewKey;
let ordersGate: NewKey;
let explainer: NewKey;
let key: NewKey;
let token: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  const { admin } = service;
  gate = await admin.newKey(['countersign:introspect:any']);
  ordersGate = await admin.newKey(['countersign:introspect', 'countersign:verify:explain']);
  explainer = await admin.newKey(['countersign:introspect:any', 'countersign:verify:explain']);
  const principalIds = [ordersGate.principal_id];
  await admin.createResourceServer(ORDERS, { scopes: SCOPES, principal_ids: principalIds });
  await admin.createResourceServer(BILLING, { scopes: ['bills:read'] });
  key = await admin.newKey([...SCOPES, 'bills:read']);
  token = await service.tokenFor(key.key, { audience: ORDERS });
});

afterAll(() => service.stop());

function verify(question: unknown, caller: NewKey = gate): Promise<Answer> {
  return service.http.json('POST', '/v1/verify', question, asApiKey(caller.key));
}

/** What is answered, which must have the shape that is documented. */
async function decide(question: object, caller?: NewKey) {
  const { status, text, json } = await verify(question, caller);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  expect(verifyResponse.safeParse(json).error?.issues).toBeUndefined();
  return verifyResponse.parse(json);
}

async function codesOf(question: object): Promise<string[]> {
  const { allowed, code, failures } = await decide(question);
  const codes = failures.map((failure) => failure.code);
  expect(allowed).toBe(codes.length === 0);
  expect(code).toBe(codes[0] ?? 'ok');
  return codes;
}

describe('a decision', () => {
  it('allows what is allowed, with the principal that introspection answers with', async () => {
    for (const credential of [key.key, token]) {
      const { principal } = await service.introspect(credential);
      const question = { credential, audience: ORDERS, required_scopes: 'orders:read' };
      expect(await decide(question)).toEqual({
        allowed: true,
        code: 'ok',
        principal,
        failures: [],
      });
      // Once more, from memory.
      expect(await decide(question)).toEqual({
        allowed: true,
        code: 'ok',
        principal,
        failures: [],
      });
    }
  });

  it('needs nothing but the credential', async () => {
    expect(await codesOf({ credential: key.key })).toEqual([]);
    const { headers } = await verify({ credential: key.key });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it.each<[string[], unknown]>([
    [[], 'orders:read'],
    [[], ['orders:read', 'orders:write']],
    [[], []],
    [['insufficient_scope'], 'orders:delete'],
    [['insufficient_scope'], 'orders:*'],
    [['insufficient_scope'], ['orders:read', 'orders:delete']],
    [[], { any: ['orders:delete', 'orders:write'] }],
    [['insufficient_scope'], { any: ['orders:delete', { not: 'orders:read' }] }],
    [[], { all: ['orders:read', { not: 'orders:delete' }] }],
    [['insufficient_scope'], { not: { any: ['orders:read', 'orders:delete'] } }],
  ])('%j: of required_scopes %j', async (codes, required_scopes) => {
    expect(await codesOf({ credential: key.key, required_scopes })).toEqual(codes);
    expect(await codesOf({ credential: token, audience: ORDERS, required_scopes })).toEqual(codes);
  });

  it('counts at an audience only the scopes that it defines', async () => {
    const required_scopes = 'bills:read';
    const ask = (audience?: string) => codesOf({ credential: key.key, audience, required_scopes });
    expect(await ask()).toEqual([]);
    expect(await ask(BILLING)).toEqual([]);
    expect(await ask(ORDERS)).toEqual(['insufficient_scope']);
    expect(await ask('https://nobody.example.com')).toEqual(['insufficient_scope']);
  });

  it('tells every check that fails, the gravest first, and who it was', async () => {
    const restrictions = { ips: ['192.0.2.0/24'], methods: ['GET'], paths: ['/orders/*'] };
    const audiences = [ORDERS];
    const { key: credential, principal_id } = await service.admin.newKey(['orders:read'], {
      key: { restrictions, audiences, certificate_thumbprints: [THUMBPRINT] },
    });
    const context = {
      ip: '192.0.2.7',
      method: 'GET',
      path: '/orders/1?x=y',
      certificate_thumbprint: THUMBPRINT,
    };
    expect(await codesOf({ credential, audience: ORDERS, context })).toEqual([]);
    const { principal, ...answer } = await decide({
      credential,
      audience: BILLING,
      context: { ip: '198.51.100.7', method: 'POST', path: '/orders' },
      required_scopes: 'orders:write',
    });
    expect(answer).toEqual({
      allowed: false,
      code: 'wrong_audience',
      failures: [
        ['audience', 'wrong_audience'],
        ['binding', 'binding_unproven'],
        ['ip', 'ip_not_allowed'],
        ['method', 'method_not_allowed'],
        ['path', 'path_not_allowed'],
        ['scopes', 'insufficient_scope'],
      ].map(([check, code]) => ({ check, code, detail: expect.any(String) })),
    });
    expect(principal?.subject).toBe(principal_id);
    // What is not told is not satisfied.
    expect(await codesOf({ credential })).toEqual([
      'binding_unproven',
      'ip_not_allowed',
      'method_not_allowed',
      'path_not_allowed',
    ]);
    expect(await codesOf({ credential, context: { ...context, path: '/orders/../x' } })).toEqual([
      'path_not_allowed',
    ]);
  });

  it('says the same of whatever is wrong with a credential in itself, and nothing more', async () => {
    const [revoked, disabled] = [await service.admin.newKey(), await service.admin.newKey()];
    const ofRevoked = await service.tokenFor(revoked.key);
    for (const known of [revoked.key, disabled.key, ofRevoked]) {
      expect(await codesOf({ credential: known })).toEqual([]);
    }
    await service.admin.revokeKey(revoked.id);
    await service.admin.patchKey(disabled.id, { status: 'disabled' });
    const bad = [
      'nonsense',
      'eyJ.eyJ.eyJ',
      forgedKey(key.key),
      `${token.slice(0, -4)}AAAA`,
      revoked.key,
      ofRevoked,
      disabled.key,
    ];
    const answers = await Promise.all(
      bad.map(async (credential) => {
        const question = { credential, audience: BILLING, required_scopes: 'nothing' };
        return (await verify(question)).text;
      }),
    );
    expect(answers).toEqual(bad.map(() => JSON.stringify(INVALID)));
  });

  it('says of a credential that the caller may not see what it says of one that does not exist', async () => {
    const { key: hidden } = await service.admin.newKey(['bills:read'], {
      key: { audiences: [BILLING] },
    });
    const question = { credential: hidden, audience: BILLING };
    expect(await codesOf(question)).toEqual([]);
    const unknown = { ...question, credential: 'cs_live_unknown' };
    expect((await verify(question, ordersGate)).text).toBe(
      (await verify(unknown, ordersGate)).text,
    );
    // Not even what fails besides.
    const more = { ...question, audience: ORDERS, required_scopes: 'x' };
    expect(await decide(more, ordersGate)).toEqual(INVALID);
  });

  it('about another organization’s credential is hidden from a caller that is limited to its own', async () => {
    const [own, other] = [
      (await service.admin.createOrganization('Own')).id,
      (await service.admin.createOrganization('Other')).id,
    ];
    const limited = await service.admin.newKey(
      ['countersign:introspect:any', 'countersign:verify:explain'],
      { principal: { organization_id: own } },
    );
    const codeAbout = async (organization_id: string) => {
      const options = { principal: { organization_id }, key: { audiences: [BILLING] } };
      const { key: credential } = await service.admin.newKey(['bills:read'], options);
      const { code, explanation } = await decide({ credential, explain: true }, limited);
      return [code, explanation?.verify.code];
    };
    expect(await codeAbout(own)).toEqual(['ok', undefined]);
    expect(await codeAbout(other)).toEqual(['invalid_credential', 'unknown_credential']);
  });

  it('is made anew each time: a revocation counts at once', async () => {
    const { id, key: credential } = await service.admin.newKey(['orders:read']);
    const [derived, sibling] = [
      await service.tokenFor(credential),
      await service.tokenFor(credential),
    ];
    for (const good of [credential, derived, sibling]) {
      expect(await codesOf({ credential: good })).toEqual([]);
    }
    await service.http.form('/revoke', { token: sibling }, asApiKey(credential));
    expect(await codesOf({ credential: sibling })).toEqual(['invalid_credential']);
    expect(await codesOf({ credential: derived })).toEqual([]);
    await service.admin.revokeKey(id);
    expect(await codesOf({ credential })).toEqual(['invalid_credential']);
    expect(await codesOf({ credential: derived })).toEqual(['invalid_credential']);
  });

  it('is counted by its code', async () => {
    const count = async (code: string) =>
      (await service.metrics()).sum('countersign_decisions_total', { code });
    const before = [await count('ok'), await count('insufficient_scope')];
    await codesOf({ credential: key.key });
    await codesOf({ credential: key.key, required_scopes: 'nothing' });
    const after = [await count('ok'), await count('insufficient_scope')];
    expect(after).toEqual(before.map((value) => value + 1));
  });
});

describe('who may ask for decisions', () => {
  it('is who may introspect, however it presents its credential', async () => {
    const jwt = await service.tokenFor(gate.key);
    const body = { credential: key.key };
    for (const headers of [
      asApiKey(gate.key),
      asBearer(gate.key),
      asBearer(jwt),
      asBasic(gate.id, gate.key),
      asApiKey(ordersGate.key),
      asApiKey(service.adminKey),
    ]) {
      const answer = await service.http.json('POST', '/v1/verify', body, headers);
      expect([answer.status, answer.json.allowed]).toEqual([200, true]);
    }
  });

  it('is nobody else', async () => {
    const forOrders = await service.admin.newKey(['countersign:introspect'], {
      key: { audiences: [ORDERS] },
    });
    const rows: [number, string, Record<string, string>][] = [
      [401, 'unauthenticated', {}],
      [401, 'unauthenticated', asApiKey('nonsense')],
      [401, 'unauthenticated', asBearer(token)],
      [401, 'unauthenticated', asApiKey(forOrders.key)],
      [401, 'unauthenticated', asBasic(key.id, gate.key)],
      [403, 'insufficient_scope', asApiKey(key.key)],
      [400, 'invalid_request', { ...asApiKey(gate.key), ...asBearer(gate.key) }],
    ];
    for (const [status, code, headers] of rows) {
      const body = { credential: key.key };
      const answer = await service.http.json('POST', '/v1/verify', body, headers);
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.headers.get('x-request-id')).toBe(answer.json.request_id);
      if (status === 401)
        expect(answer.headers.get('www-authenticate')).toMatch(/^(Bearer|Basic) realm=/);
      if (status === 403) {
        expect(answer.headers.get('www-authenticate')).toContain('scope="countersign:introspect"');
      }
    }
  });
});

describe('an explanation', () => {
  const explain = (credential: string, more: object = {}, caller = explainer) =>
    decide({ credential, explain: true, ...more }, caller);

  it('needs a scope of its own', async () => {
    const answer = await verify({ credential: key.key, explain: true });
    expect([answer.status, answer.json.code]).toEqual([403, 'insufficient_scope']);
    expect(answer.headers.get('www-authenticate')).toContain('countersign:verify:explain');
  });

  it('adds what each step found, and changes nothing of the decision', async () => {
    const more = { audience: ORDERS, required_scopes: 'orders:delete' };
    const plain = await decide({ credential: key.key, ...more });
    const { explanation, ...decision } = await explain(key.key, more);
    expect(decision).toEqual(plain);
    expect(explanation).toMatchObject({
      present: { outcome: 'passed', characters: key.key.length },
      recognise: { outcome: 'passed', kind: 'api_key' },
      verify: { outcome: 'passed' },
      principal: {
        outcome: 'passed',
        subject: key.principal_id,
        credential_id: key.id,
        scopes: SCOPES,
      },
      decide: { outcome: 'failed' },
    });
    const failed = explanation?.decide.checks.filter(({ outcome }) => outcome !== 'passed');
    expect(failed).toEqual([{ check: 'scopes', outcome: 'failed', code: 'insufficient_scope' }]);
    expect(explanation?.decide.checks).toHaveLength(CHECK_NAMES.length);
  });

  it('has the real reasons, which the decision does not tell', async () => {
    const { key: credential, id } = await service.admin.newKey();
    await decide({ credential });
    await service.admin.patchKey(id, { status: 'disabled' });
    const { explanation, ...decision } = await explain(credential);
    expect(decision).toEqual(INVALID);
    expect(explanation?.decide.checks).toContainEqual({
      check: 'status',
      outcome: 'failed',
      code: 'credential_disabled',
    });
    await service.admin.revokeKey(id);
    const ofRevoked = await explain(credential);
    expect(ofRevoked.explanation?.decide.checks).toContainEqual({
      check: 'revocation',
      outcome: 'failed',
      code: 'credential_revoked',
    });
  });

  it('has the reason also for a key that was never seen to be good', async () => {
    const { key: credential, id } = await service.admin.newKey();
    await service.admin.revokeKey(id);
    const { explanation } = await explain(credential);
    expect(explanation).toMatchObject({
      verify: { outcome: 'failed', code: 'credential_revoked' },
      principal: { outcome: 'not_reached' },
      decide: { outcome: 'not_reached', checks: [] },
    });
  });

  it.each([
    ['nonsense', 'unrecognised', 'not_reached', undefined],
    ['cs_live_forged', 'api_key', 'failed', 'bad_tag'],
    ['eyJ.e30.c2ln', 'access_token', 'failed', 'malformed_token'],
  ])('of %s stops at the step that failed', async (credential, kind, outcome, code) => {
    const { explanation } = await explain(credential);
    expect(explanation?.recognise.kind).toBe(kind);
    expect(explanation?.verify).toEqual({ outcome, ...(code && { code }) });
    expect(explanation?.decide).toEqual({ outcome: 'not_reached', checks: [] });
  });

  it('tells nothing of a credential that the caller may not see, in whatever state it is', async () => {
    const unseen = async (prepare: (issued: NewKey) => Promise<unknown>) => {
      const issued = await service.admin.newKey([], { key: { audiences: [BILLING] } });
      await prepare(issued);
      return explain(issued.key, {}, ordersGate);
    };
    const answers = [
      await unseen(async () => undefined),
      await unseen(({ key: credential }) => decide({ credential })),
      await unseen(({ id }) => service.admin.revokeKey(id)),
      await unseen(({ id }) => service.admin.deleteKey(id)),
      await unseen(async ({ key: credential, id }) => {
        await decide({ credential });
        await service.admin.revokeKey(id);
      }),
    ];
    for (const answer of answers) {
      expect(answer).toEqual(answers[0]);
      expect(answer.explanation?.verify).toEqual({ outcome: 'failed', code: 'unknown_credential' });
      expect(answer.explanation?.principal).toEqual({ outcome: 'not_reached' });
    }
  });

  it('has no secret in it', async () => {
    for (const credential of [key.key, token, `${token.slice(0, -4)}AAAA`]) {
      const { text } = await verify({ credential, explain: true }, explainer);
      for (let at = 0; at + 20 <= credential.length; at += 10) {
        expect(text).not.toContain(credential.slice(at, at + 20));
      }
    }
  });
});

describe('a dry run', () => {
  it('decides alike, and is not a use of the key', async () => {
    const used = await service.admin.newKey();
    const asked = await service.admin.newKey();
    const question = { credential: asked.key, dry_run: true };
    // The first verifies the secret, the second remembers.
    expect(await codesOf(question)).toEqual([]);
    expect(await codesOf(question)).toEqual([]);
    expect(await codesOf({ ...question, required_scopes: 'x' })).toEqual(['insufficient_scope']);
    expect(await codesOf({ credential: used.key })).toEqual([]);
    await eventually(
      'the use is on record',
      async () => (await service.admin.readKey(used.id)).last_used_at,
    );
    expect((await service.admin.readKey(asked.id)).last_used_at).toBeNull();
  });
});

describe('a question', () => {
  it.each<[string, unknown]>([
    ['credential', {}],
    ['credential', { credential: '' }],
    ['credential', { credential: null }],
    ['credential', { credential: ['x'] }],
    ['audience', { credential: 'x', audience: 'not a uri' }],
    ['audience', { credential: 'x', audience: 'https://a.example/#f' }],
    ['required_scopes', { credential: 'x', required_scopes: { any: [] } }],
    ['required_scopes', { credential: 'x', required_scopes: 'a b' }],
    ['required_scopes', { credential: 'x', required_scopes: { all: ['a'], any: ['b'] } }],
    ['required_scopes', { credential: 'x', required_scopes: Array(65).fill('a') }],
    ['required_scopes', { credential: 'x', required_scopes: nots(9) }],
    ['context.ip', { credential: 'x', context: { ip: 1 } }],
    ['context.port', { credential: 'x', context: { port: 1 } }],
    ['cost', { credential: 'x', cost: -1 }],
    ['cost', { credential: 'x', cost: 1.5 }],
    ['cost', { credential: 'x', cost: '1' }],
    ['dry_run', { credential: 'x', dry_run: 'yes' }],
    ['explain', { credential: 'x', explain: 1 }],
    ['token', { credential: 'x', token: 'x' }],
    ['body', null],
    ['body', []],
    ['body', 'x'],
  ])('with a wrong %s is 422 and named: %j', async (field, question) => {
    const answer = await verify(question);
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
    expect(answer.json.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it.each([
    '{"credential":"x","credential":"y"}',
    '{"credential":"x","\\u0063redential":"y"}',
    '{"credential":"x"',
    '{"credential":"x","__proto__":{}}',
    `{"required_scopes":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    '\ufeff{"credential":"x"}',
  ])('that is not one plain JSON text is 400: %.40s', async (body) => {
    const headers = { ...asApiKey(gate.key), 'content-type': 'application/json' };
    const answer = await service.http.call('/v1/verify', { method: 'POST', headers, body });
    expect([answer.status, answer.json.code]).toEqual([400, 'malformed_request']);
  });

  it('may cost nothing or something', async () => {
    for (const cost of [0, 1, 1_000_000]) {
      expect(await codesOf({ credential: key.key, cost })).toEqual([]);
    }
  });

  it('of another media type is 415, too large 413, not POSTed 405', async () => {
    const headers = asApiKey(gate.key);
    const form = await service.http.form('/v1/verify', { credential: key.key }, headers);
    expect([form.status, form.json.code]).toEqual([415, 'unsupported_media_type']);
    const large = await verify({ credential: 'x'.repeat(300_000) });
    expect([large.status, large.json.code]).toEqual([413, 'payload_too_large']);
    expect(large.json.detail).toContain('256 KiB');
    const got = await service.http.get('/v1/verify', headers);
    expect([got.status, got.json.code]).toEqual([405, 'method_not_allowed']);
    expect(got.headers.get('allow')).toBe('POST');
    expect((await verify({ credential: 'x'.repeat(100_000) })).json).toEqual(INVALID);
  });

  it('never has the credential of the answer in an error', async () => {
    const answer = await verify({ credential: key.key, [key.key]: 1, cost: key.key });
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain(key.key.slice(30, 60));
  });
});

function nots(levels: number): unknown {
  return levels === 1 ? 'a' : { not: nots(levels - 1) };
}
